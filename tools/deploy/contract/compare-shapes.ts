import { NO_REFERENCES, resolved, type JsonShape, type Resolve } from './json-shape';

/** What a reader makes of what a writer writes. */
export interface ShapeComparison {
  /** What the reader cannot read, or would misread; one clause each, with its place. */
  breaks: string[];
  /** What the reader will not see; harmless, but good to know. */
  unseen: string[];
}

export interface Side {
  shape: JsonShape;
  resolve?: Resolve;
}

const DEPTH_MAX = 40;
const LOWER_LIMITS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const;
const UPPER_LIMITS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const;

/**
 * Whether everything that fits the writer's shape can be read by a reader with its own shape. Readers ignore fields
 * that they do not know, unless their shape forbids them.
 */
export function compareShapes(writer: Side, reader: Side, place: string): ShapeComparison {
  const comparison = new Comparison(writer.resolve ?? NO_REFERENCES, reader.resolve ?? NO_REFERENCES);
  comparison.compare(writer.shape, reader.shape, place, 0);
  return { breaks: [...new Set(comparison.breaks)], unseen: [...new Set(comparison.unseen)] };
}

class Comparison {
  readonly breaks: string[] = [];
  readonly unseen: string[] = [];
  private readonly ofWriter: Resolve;
  private readonly ofReader: Resolve;

  constructor(ofWriter: Resolve, ofReader: Resolve) {
    this.ofWriter = ofWriter;
    this.ofReader = ofReader;
  }

  compare(writer: JsonShape, reader: JsonShape, place: string, depth: number): void {
    if (depth > DEPTH_MAX) throw new Error(`${place} is nested too deeply`);
    const readable = alternatives(reader, this.ofReader);
    if (readable.some(isAnything)) return;
    for (const written of alternatives(writer, this.ofWriter))
      this.compareAlternative(written, readable, place, depth);
  }

  private compareAlternative(
    written: JsonShape,
    readable: readonly JsonShape[],
    place: string,
    depth: number,
  ): void {
    if (written.const !== undefined) {
      if (!readable.some((shape) => takesValue(shape, written.const)))
        this.breaks.push(`${place} may be ${JSON.stringify(written.const)}, which the reader does not know`);
      return;
    }
    const ofType = readable.filter((shape) => takesType(shape, written));
    if (ofType.length === 0) {
      this.breaks.push(`${place} may be ${nameOf(written)}, which the reader does not take`);
      return;
    }
    if (written.type === 'object') return this.compareObjects(written, ofType, place, depth);
    if (written.type === 'array') return this.compareArrays(written, ofType, place, depth);
    const [narrower] = ofType.map((shape) => narrowing(written, shape));
    if (narrower !== undefined && ofType.every((shape) => narrowing(written, shape) !== undefined))
      this.breaks.push(`${place} ${narrower}`);
  }

  private compareArrays(
    written: JsonShape,
    readable: readonly JsonShape[],
    place: string,
    depth: number,
  ): void {
    const [reader] = readable;
    if (reader?.items === undefined) return;
    const narrower = narrowing(written, reader);
    if (narrower !== undefined) this.breaks.push(`${place} ${narrower}`);
    this.compare(written.items ?? {}, reader.items, `${place}[]`, depth + 1);
  }

  private compareObjects(
    written: JsonShape,
    readable: readonly JsonShape[],
    place: string,
    depth: number,
  ): void {
    const fitting = readable.filter((reader) => this.sharesTags(written, reader));
    if (fitting.length === 0) {
      this.breaks.push(`${place} may be the variant ${tagsOf(written)}, which the reader does not know`);
      return;
    }
    const trials = fitting.map((reader) => this.tryObject(written, reader, place, depth));
    const best = trials.reduce((a, b) => (b.breaks.length < a.breaks.length ? b : a));
    this.breaks.push(...best.breaks);
    this.unseen.push(...best.unseen);
  }

  /** Variants of a union are told apart by properties with one value. */
  private sharesTags(written: JsonShape, reader: JsonShape): boolean {
    return Object.entries(written.properties ?? {}).every(([name, property]) => {
      const other = reader.properties?.[name];
      if (property.const === undefined || other === undefined) return true;
      const known = alternatives(other, this.ofReader);
      return known.some((shape) => isAnything(shape) || takesValue(shape, property.const));
    });
  }

  private tryObject(written: JsonShape, reader: JsonShape, place: string, depth: number): Comparison {
    const trial = new Comparison(this.ofWriter, this.ofReader);
    const { properties: theirs = {} } = written;
    const { properties: ours = {}, required = [] } = reader;
    for (const name of required) {
      if (theirs[name] === undefined)
        trial.breaks.push(`${place}.${name} is not written, and the reader needs it`);
      else if (!(written.required ?? []).includes(name))
        trial.breaks.push(`${place}.${name} may be absent, and the reader needs it`);
    }
    for (const [name, property] of Object.entries(theirs)) {
      const known = ours[name] ?? extraOf(reader);
      if (known === 'forbidden') trial.breaks.push(`${place}.${name} is forbidden by the reader`);
      else if (known === 'ignored') trial.unseen.push(`${place}.${name}`);
      else trial.compare(property, known, `${place}.${name}`, depth + 1);
    }
    const extra = written.additionalProperties;
    const known = extraOf(reader);
    if (typeof extra === 'object' && typeof known === 'object')
      trial.compare(extra, known, `${place}.*`, depth + 1);
    return trial;
  }
}

function extraOf(reader: JsonShape): JsonShape | 'forbidden' | 'ignored' {
  const extra = reader.additionalProperties;
  if (extra === false) return 'forbidden';
  return typeof extra === 'object' ? extra : 'ignored';
}

/** The shape as a list of shapes without unions in them: every type, variant and value by itself. */
function alternatives(given: JsonShape, resolve: Resolve): JsonShape[] {
  const shape = resolved(given, resolve);
  const union = shape.anyOf ?? shape.oneOf;
  if (union !== undefined) return union.flatMap((member) => alternatives(member, resolve));
  if (shape.enum !== undefined) return shape.enum.map((value) => ({ const: value }));
  if (shape.allOf !== undefined)
    return [
      merged(
        shape,
        shape.allOf.map((part) => resolved(part, resolve)),
      ),
    ];
  if (Array.isArray(shape.type))
    return (shape.type as string[]).flatMap((type) => alternatives({ ...shape, type }, resolve));
  if (shape.type === 'null') return [{ const: null }];
  return [shape];
}

function merged(shape: JsonShape, parts: readonly JsonShape[]): JsonShape {
  const { allOf: _, ...own } = shape;
  return parts.reduce<JsonShape>(
    (sum, part) => ({
      ...sum,
      ...part,
      properties: { ...sum.properties, ...part.properties },
      required: [...new Set([...(sum.required ?? []), ...(part.required ?? [])])],
    }),
    own,
  );
}

function isAnything({ type, const: value, properties }: JsonShape): boolean {
  return type === undefined && value === undefined && properties === undefined;
}

function takesValue(reader: JsonShape, value: unknown): boolean {
  if (reader.const !== undefined) return reader.const === value;
  if (value === null) return false;
  if (reader.type === 'integer') return Number.isInteger(value);
  if (reader.pattern !== undefined && typeof value === 'string')
    return new RegExp(reader.pattern).test(value);
  return reader.type === typeof value;
}

function takesType(reader: JsonShape, written: JsonShape): boolean {
  if (reader.const !== undefined) return false;
  if (reader.type === written.type) return true;
  return reader.type === 'number' && written.type === 'integer';
}

/** How the reader takes less than the writer writes; undefined when it takes all. */
function narrowing(written: JsonShape, reader: JsonShape): string | undefined {
  for (const name of ['pattern', 'format'] as const) {
    if (reader[name] !== undefined && reader[name] !== written[name])
      return `has the ${name} ${written[name] ?? 'of any text'}, and the reader takes only ${reader[name]}`;
  }
  for (const name of LOWER_LIMITS) {
    if ((reader[name] ?? -Infinity) > (written[name] ?? -Infinity))
      return `may be below the reader's ${name} ${reader[name]}`;
  }
  for (const name of UPPER_LIMITS) {
    if ((reader[name] ?? Infinity) < (written[name] ?? Infinity))
      return `may be above the reader's ${name} ${reader[name]}`;
  }
  return undefined;
}

function nameOf({ type, format }: JsonShape): string {
  const name = typeof type === 'string' ? type : 'anything';
  return format === undefined ? name : `${name} (${format})`;
}

function tagsOf({ properties = {} }: JsonShape): string {
  const tags = Object.entries(properties).filter(([, property]) => property.const !== undefined);
  return (
    tags.map(([name, property]) => `${name}=${JSON.stringify(property.const)}`).join(', ') || 'without a tag'
  );
}
