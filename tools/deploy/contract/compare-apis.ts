import { compareShapes, type ShapeComparison } from './compare-shapes';
import type { JsonShape, Resolve } from './json-shape';

interface Content {
  content?: Readonly<Record<string, { schema?: JsonShape }>>;
  required?: boolean;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: JsonShape;
}

interface Operation {
  parameters?: readonly Parameter[];
  requestBody?: Content;
  responses?: Readonly<Record<string, Content>>;
}

/** The part of an OpenAPI document that clients depend on. */
export interface ApiContract {
  paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  components?: { schemas?: Readonly<Record<string, JsonShape>> };
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const SCHEMAS = '#/components/schemas/';

/**
 * What a client that was written for `current` meets when `candidate` answers it: calls that are gone, requests that
 * are no longer taken, answers that it cannot read. What is new is listed as unseen.
 */
export function compareApis(current: ApiContract, candidate: ApiContract): ShapeComparison {
  const breaks: string[] = [];
  const unseen: string[] = [];
  const sides = { now: resolverOf(current), next: resolverOf(candidate) };
  for (const [call, before] of operationsOf(current)) {
    const after = operationsOf(candidate).get(call);
    if (after === undefined) {
      breaks.push(`${call} is gone`);
      continue;
    }
    for (const found of [
      compareParameters(call, before, after, sides),
      compareBodies(call, before, after, sides),
      compareAnswers(call, before, after, sides),
    ]) {
      breaks.push(...found.breaks);
      unseen.push(...found.unseen);
    }
  }
  for (const call of operationsOf(candidate).keys())
    if (!operationsOf(current).has(call)) unseen.push(`${call} is new`);
  return { breaks, unseen };
}

interface Sides {
  now: Resolve;
  next: Resolve;
}

function resolverOf({ components }: ApiContract): Resolve {
  return (reference) => components?.schemas?.[reference.slice(SCHEMAS.length)];
}

function operationsOf({ paths = {} }: ApiContract): Map<string, Operation> {
  const found = new Map<string, Operation>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation !== undefined) found.set(`${method.toUpperCase()} ${path}`, operation as Operation);
    }
  }
  return found;
}

function compareParameters(
  call: string,
  before: Operation,
  after: Operation,
  { now, next }: Sides,
): ShapeComparison {
  const breaks: string[] = [];
  const unseen: string[] = [];
  const keyOf = (parameter: Parameter): string => `${parameter.in} parameter ${parameter.name}`;
  const known = new Map((before.parameters ?? []).map((parameter) => [keyOf(parameter), parameter]));
  const taken = new Map((after.parameters ?? []).map((parameter) => [keyOf(parameter), parameter]));
  for (const [key, parameter] of known) {
    const other = taken.get(key);
    if (other === undefined) {
      breaks.push(`${call}: ${key} is gone`);
      continue;
    }
    if (other.required === true && parameter.required !== true)
      breaks.push(`${call}: ${key} became required`);
    const writer = { shape: parameter.schema ?? {}, resolve: now };
    breaks.push(
      ...compareShapes(writer, { shape: other.schema ?? {}, resolve: next }, `${call}: ${key}`).breaks,
    );
  }
  for (const [key, parameter] of taken) {
    if (known.has(key)) continue;
    if (parameter.required === true) breaks.push(`${call}: ${key} is new and required`);
    else unseen.push(`${call}: ${key}`);
  }
  return { breaks, unseen };
}

/** The client writes requests and the server reads them. */
function compareBodies(
  call: string,
  before: Operation,
  after: Operation,
  { now, next }: Sides,
): ShapeComparison {
  const written = schemasOf(before.requestBody);
  const read = schemasOf(after.requestBody);
  if (written.size === 0)
    return { breaks: after.requestBody?.required === true ? [`${call} needs a body now`] : [], unseen: [] };
  return joined(
    [...written].map(([type, shape]) => {
      const other = read.get(type);
      if (other === undefined) return { breaks: [`${call}: body ${type} is no longer taken`], unseen: [] };
      return compareShapes({ shape, resolve: now }, { shape: other, resolve: next }, `${call}: body`);
    }),
  );
}

/** The server writes answers and the client reads them. */
function compareAnswers(
  call: string,
  before: Operation,
  after: Operation,
  { now, next }: Sides,
): ShapeComparison {
  return joined(
    Object.entries(before.responses ?? {}).map(([status, answer]) => {
      const other = after.responses?.[status];
      if (other === undefined) {
        const isSuccess = status.startsWith('2');
        return { breaks: isSuccess ? [`${call}: answer ${status} is gone`] : [], unseen: [] };
      }
      const written = schemasOf(other);
      return joined(
        [...schemasOf(answer)].map(([type, shape]) => {
          const writer = written.get(type);
          if (writer === undefined)
            return { breaks: [`${call}: answer ${status} is no ${type} now`], unseen: [] };
          const place = `${call}: answer ${status}`;
          return compareShapes({ shape: writer, resolve: next }, { shape, resolve: now }, place);
        }),
      );
    }),
  );
}

function schemasOf(content: Content | undefined): Map<string, JsonShape> {
  const found = Object.entries(content?.content ?? {});
  return new Map(
    found.flatMap(([type, { schema }]) => (schema === undefined ? [] : [[type, schema] as const])),
  );
}

function joined(all: readonly ShapeComparison[]): ShapeComparison {
  return { breaks: all.flatMap(({ breaks }) => breaks), unseen: all.flatMap(({ unseen }) => unseen) };
}
