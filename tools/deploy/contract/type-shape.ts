import ts from 'typescript';
import type { JsonShape } from './json-shape';

/** Types are described this deep; ours are plain JSON and far flatter. */
const DEPTH_MAX = 24;

/**
 * The JSON that values of a TypeScript type are stored and sent as. Throws on what JSON cannot hold (functions,
 * symbols) and on types that contain themselves: state that is exchanged has neither.
 */
export function shapeOfType(type: ts.Type, checker: ts.TypeChecker, depth = 0): JsonShape {
  if (depth > DEPTH_MAX) throw new Error(`the type ${checker.typeToString(type)} is too deep`);
  if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
  if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: checker.typeToString(type) === 'true' };
  if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
  if (type.flags & ts.TypeFlags.StringLike) return { type: 'string' };
  if (type.flags & ts.TypeFlags.NumberLike) return { type: 'number' };
  if (type.flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
  if (type.flags & ts.TypeFlags.Unknown) return {};
  if (type.flags & ts.TypeFlags.Any) throw new Error('a type is any, or could not be found');
  if (type.isUnion()) return shapeOfUnion(type, checker, depth);
  // A branded string is a string with a mark that only the compiler sees.
  if (type.isIntersection() && type.types.some((part) => part.flags & ts.TypeFlags.String))
    return { type: 'string', format: 'decimal' };
  if (checker.isArrayType(type) || checker.isTupleType(type)) return shapeOfArray(type, checker, depth);
  if (type.flags & ts.TypeFlags.Object || type.isIntersection()) return shapeOfObject(type, checker, depth);
  throw new Error(`the type ${checker.typeToString(type)} is not JSON`);
}

function shapeOfUnion(type: ts.UnionType, checker: ts.TypeChecker, depth: number): JsonShape {
  const members = type.types.filter((member) => !(member.flags & ts.TypeFlags.Undefined));
  const shapes = members.map((member) => shapeOfType(member, checker, depth + 1));
  const [only] = shapes;
  if (shapes.length === 1 && only !== undefined) return only;
  const constants = shapes.filter((shape) => shape.const !== undefined);
  const others = shapes.filter((shape) => shape.const === undefined);
  const values = constants.map((shape) => shape.const).sort();
  const isBoolean = values.length === 2 && values.every((value) => typeof value === 'boolean');
  const both: JsonShape[] = isBoolean ? [{ type: 'boolean' }] : values.length > 0 ? [{ enum: values }] : [];
  const parts = [...both, ...others];
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { anyOf: parts };
}

function shapeOfArray(type: ts.Type, checker: ts.TypeChecker, depth: number): JsonShape {
  const items = checker.getTypeArguments(type as ts.TypeReference);
  const [item] = items;
  if (items.length > 1)
    return { type: 'array', items: { anyOf: items.map((each) => shapeOfType(each, checker, depth + 1)) } };
  return { type: 'array', ...(item !== undefined && { items: shapeOfType(item, checker, depth + 1) }) };
}

function shapeOfObject(type: ts.Type, checker: ts.TypeChecker, depth: number): JsonShape {
  if (type.getCallSignatures().length > 0)
    throw new Error(`the type ${checker.typeToString(type)} is a function`);
  const properties: Record<string, JsonShape> = {};
  const required: string[] = [];
  for (const property of checker.getPropertiesOfType(type)) {
    const name = property.getName();
    properties[name] = shapeOfType(checker.getTypeOfSymbol(property), checker, depth + 1);
    if (!(property.flags & ts.SymbolFlags.Optional)) required.push(name);
  }
  const index = checker.getIndexInfosOfType(type)[0];
  return {
    type: 'object',
    properties,
    required: required.sort(),
    ...(index !== undefined && { additionalProperties: shapeOfType(index.type, checker, depth + 1) }),
  };
}
