import { z } from 'zod';
import { decimalOutput, timestampOutput } from '../http/common.schemas';

export const quoteSchema = z
  .object({
    symbol: z.string(),
    venue: z.string(),
    bid: decimalOutput.nullable(),
    bidSize: decimalOutput.nullable(),
    ask: decimalOutput.nullable(),
    askSize: decimalOutput.nullable(),
    last: decimalOutput.nullable(),
    asOf: timestampOutput,
    marketTime: timestampOutput
      .nullable()
      .meta({ description: 'Time in the recorded market, when one is replayed' }),
  })
  .meta({ id: 'Quote', description: 'Best bid and ask; null where a side is empty' });

const EVIDENCE_CHARACTERS_MAX = 2_000;

export const resolveBody = z
  .strictObject({
    outcome: z.enum(['working', 'rejected', 'cancelled', 'expired']),
    evidence: z
      .string()
      .trim()
      .min(1, 'must say what proves the outcome')
      .max(EVIDENCE_CHARACTERS_MAX)
      .meta({ description: 'What proves the outcome: who at the venue said so, and how' }),
  })
  .meta({ id: 'ResolveOrder' });
