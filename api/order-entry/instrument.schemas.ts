import { z } from 'zod';
import { isCivilDate } from '../../domain/calendar/civil-date';
import type { InstrumentVersion } from '../../domain/instrument/instrument-versions';
import { coarsestTick } from '../../domain/instrument/valid-values';
import { decimal } from '../../domain/money/decimal';
import { INSTRUMENT_CHANGE_KINDS } from '../../storage/instrument-audit';
import {
  decimalInput,
  decimalOutput,
  identifier,
  listOf,
  pageQuery,
  symbolInput,
  timestampOutput,
} from '../http/common.schemas';

const REASON_CHARACTERS_MAX = 500;
const BANDS_MAX = 100;

const dayMeta = { format: 'date', example: '2026-01-05' };
const dayInput = z
  .string()
  .refine(isCivilDate, 'must be a day, YYYY-MM-DD')
  .meta({ ...dayMeta, description: 'A day where the instrument is listed' });
const dayOutput = z.string().meta(dayMeta);
const changeReason = z.string().trim().min(1, 'must say why').max(REASON_CHARACTERS_MAX);

/** One version as a person states it, in the API and in a file alike. */
export const versionShape = {
  effectiveFrom: dayInput,
  effectiveTo: dayInput.optional().meta({ description: 'The last day; absent until the next version' }),
  venue: identifier,
  listing: identifier.meta({ description: 'MIC of the market whose calendar it follows' }),
  currency: z.string(),
  tickSize: decimalInput.optional().meta({ description: 'The step of all prices; or else `ticks`' }),
  ticks: z
    .array(z.strictObject({ from: decimalInput, tickSize: decimalInput }))
    .max(BANDS_MAX)
    .optional()
    .meta({ description: 'The step of prices from each price on; the first band begins at 0' }),
  lotSize: decimalInput,
  multiplier: decimalInput.default(decimal('1')),
  priceMin: decimalInput,
  priceMax: decimalInput,
  quantityMin: decimalInput,
  quantityMax: decimalInput,
  notionalMin: decimalInput.optional(),
  notionalMax: decimalInput.optional(),
  tradable: z.boolean().default(true),
};

type VersionInput = z.output<z.ZodObject<typeof versionShape>>;

/** Without this check both could be stated and contradict each other. */
export const namesOneStep = ({ tickSize, ticks }: { tickSize?: unknown; ticks?: unknown }): boolean =>
  (tickSize === undefined) !== (ticks === undefined);
export const ONE_STEP_MESSAGE = 'must have either tickSize or ticks';

/** The version that was stated. A table of one band is a single step. */
export function versionOf(input: VersionInput): InstrumentVersion {
  const { effectiveTo, ticks = [], tickSize = coarsestTick(ticks), notionalMin, notionalMax } = input;
  const { effectiveFrom, venue, listing, currency, lotSize, multiplier, tradable } = input;
  const { priceMin, priceMax, quantityMin, quantityMax } = input;
  const isTable = input.ticks !== undefined && (ticks.length !== 1 || ticks[0]?.from !== '0');
  return {
    venue,
    listing,
    currency,
    tickSize,
    ...(isTable && { ticks }),
    lotSize,
    multiplier,
    priceMin,
    priceMax,
    quantityMin,
    quantityMax,
    ...(notionalMin !== undefined && { notionalMin }),
    ...(notionalMax !== undefined && { notionalMax }),
    tradable,
    effectiveFrom,
    ...(effectiveTo !== undefined && { effectiveTo }),
  };
}

export const instrumentParams = z.object({ symbol: symbolInput });
export const instrumentListQuery = z.strictObject({
  on: dayInput.optional().meta({ description: 'Rules of that day of the listing; without it, those of now' }),
});
export const instrumentHistoryQuery = z.strictObject(pageQuery);

const expectedRevision = z.int().min(0).meta({
  description: 'The revision that the change is based on; 0 when there is no such instrument yet',
});

export const putVersionBody = z
  .strictObject({ ...versionShape, reason: changeReason, expectedRevision })
  .refine(namesOneStep, ONE_STEP_MESSAGE)
  .meta({ id: 'PutInstrumentVersion' });

export const setFlagsBody = z
  .strictObject({
    tradable: z.boolean().optional().meta({ description: 'False stops all trading until true is set' }),
    halted: z
      .boolean()
      .optional()
      .meta({ description: 'The halt of this symbol, as `PUT /v1/halts` sets it' }),
    effectiveTo: dayInput
      .nullable()
      .optional()
      .meta({ description: 'Last day of the version that holds now; null until the next version' }),
    reason: changeReason,
    expectedRevision: expectedRevision.optional(),
  })
  .refine(
    ({ tradable, halted, effectiveTo }) =>
      [tradable, halted, effectiveTo].some((value) => value !== undefined),
    'must name at least one of tradable, halted and effectiveTo',
  )
  .meta({ id: 'SetInstrumentFlags' });

const rulesShape = {
  venue: z.string(),
  currency: z.string(),
  tickSize: decimalOutput.meta({
    description: 'The step of prices; the largest one where it depends on the price',
  }),
  ticks: z
    .array(z.object({ from: decimalOutput, tickSize: decimalOutput }))
    .meta({ description: 'The step of prices from each price on; a step of zero allows every price' }),
  lotSize: decimalOutput,
  multiplier: decimalOutput,
  listing: z.string().meta({ description: 'MIC of the market whose calendar it follows' }),
  priceMin: decimalOutput,
  priceMax: decimalOutput,
  quantityMin: decimalOutput,
  quantityMax: decimalOutput,
  notionalMin: decimalOutput.optional(),
  notionalMax: decimalOutput.optional(),
  tradable: z.boolean(),
  effectiveFrom: dayOutput,
  effectiveTo: dayOutput.optional(),
};

const versionSchema = z.object(rulesShape).meta({ id: 'InstrumentVersion' });
export const instrumentSchema = z
  .object({
    symbol: z.string(),
    ...rulesShape,
    notTradableReason: z.string().optional(),
    halted: z.boolean().meta({ description: 'Trading is halted for the symbol, its venue or the firm' }),
    haltReason: z.string().optional(),
    revision: z.int().min(1),
  })
  .meta({ id: 'Instrument', description: 'The rules that orders in this instrument are checked by' });
export const instrumentListSchema = listOf(instrumentSchema, 'InstrumentList');

const withdrawalSchema = z.object({ by: z.string(), reason: z.string(), at: timestampOutput });
export const instrumentDetailSchema = z
  .object({
    instrument: instrumentSchema.meta({ description: 'As orders meet it now' }),
    versions: z.array(versionSchema),
    asOf: timestampOutput,
  })
  .meta({ id: 'InstrumentDetail', description: 'An instrument through time' });

const factsSchema = z.object({
  versions: z.array(versionSchema).optional(),
  withdrawn: withdrawalSchema.optional(),
  halted: z.boolean().optional(),
});
const auditSchema = z
  .object({
    symbol: z.string(),
    revision: z.int(),
    at: timestampOutput,
    by: z.string(),
    change: z.enum(INSTRUMENT_CHANGE_KINDS),
    reason: z.string(),
    from: factsSchema.optional().meta({ description: 'Absent when the change made the instrument' }),
    to: factsSchema,
  })
  .meta({
    id: 'InstrumentAudit',
    description: 'Who changed an instrument, when, why, and from what to what',
  });
export const instrumentHistorySchema = listOf(auditSchema, 'InstrumentHistory');
