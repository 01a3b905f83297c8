/** The part of JSON Schema that describes what builds exchange. Absent means anything. */
export interface JsonShape {
  $ref?: string;
  type?: string | readonly string[];
  const?: unknown;
  enum?: readonly unknown[];
  properties?: Readonly<Record<string, JsonShape>>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonShape;
  items?: JsonShape;
  anyOf?: readonly JsonShape[];
  oneOf?: readonly JsonShape[];
  allOf?: readonly JsonShape[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  default?: unknown;
}

/** Finds what a `$ref` names; undefined when it names nothing. */
export type Resolve = (reference: string) => JsonShape | undefined;

export const NO_REFERENCES: Resolve = () => undefined;

/** Follows references. Throws when one leads nowhere, which is a fault of the document. */
export function resolved(shape: JsonShape, resolve: Resolve): JsonShape {
  if (shape.$ref === undefined) return shape;
  const target = resolve(shape.$ref);
  if (target === undefined) throw new Error(`${shape.$ref} leads nowhere`);
  return resolved(target, resolve);
}
