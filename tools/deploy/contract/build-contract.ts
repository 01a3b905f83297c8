import { compareShapes, type ShapeComparison } from './compare-shapes';
import type { RuntimeContract } from './runtime-contract';
import type { TypeContract } from './type-contract';

/** Everything that one build says about what it exchanges with others. */
export interface BuildContract {
  types: TypeContract;
  runtime: RuntimeContract;
}

/** What `reader` makes of what `writer` writes into documents and messages. */
export function compareData(writer: BuildContract, reader: BuildContract): ShapeComparison {
  const breaks: string[] = [];
  const unseen: string[] = [];
  const take = (found: ShapeComparison): void => {
    breaks.push(...found.breaks);
    unseen.push(...found.unseen);
  };
  for (const [name, { writes }] of Object.entries(writer.types)) {
    const reads = reader.types[name]?.reads;
    if (reads === undefined) unseen.push(`${name} is not known to the reader`);
    else take(compareShapes({ shape: writes }, { shape: reads }, name));
  }
  for (const name of Object.keys(reader.types))
    if (writer.types[name] === undefined) breaks.push(`${name} is not written any more, or not yet`);
  breaks.push(...versionBreaks(writer.runtime, reader.runtime));
  return { breaks, unseen };
}

/**
 * Whether the candidate runs where the current build does: in its environment, in its namespace, and with what others
 * send to orders today. What only the candidate takes is listed as unseen.
 */
export function compareSurroundings(current: RuntimeContract, candidate: RuntimeContract): ShapeComparison {
  const settings = (runtime: RuntimeContract) => ({ shape: runtime.configuration });
  const forward = compareShapes(settings(current), settings(candidate), 'environment');
  const backward = compareShapes(settings(candidate), settings(current), 'environment');
  const gone = current.messages.filter((message) => !candidate.messages.includes(message));
  const added = candidate.messages.filter((message) => !current.messages.includes(message));
  const retyped = Object.entries(current.searchAttributes).filter(([name, type]) => {
    const other = candidate.searchAttributes[name];
    return other !== undefined && other !== type;
  });
  return {
    breaks: [
      ...forward.breaks,
      ...gone.map((message) => `${message} is not known to orders of the candidate`),
      ...retyped.map(([name]) => `search attribute ${name} has another type`),
    ],
    unseen: [...backward.breaks, ...backward.unseen, ...added.map((message) => `${message} is new`)],
  };
}

function versionBreaks(writer: RuntimeContract, reader: RuntimeContract): string[] {
  if (writer.eventReadableFrom <= reader.eventVersion) return [];
  const needed = `events of version ${writer.eventVersion} need a reader of version ${writer.eventReadableFrom}`;
  return [`${needed}, and this one has ${reader.eventVersion}`];
}
