import { z } from 'zod';
import { decimalOutput, identifier, listOf, timestampOutput } from '../http/common.schemas';

export const positionSchema = z
  .object({
    account: z.string(),
    symbol: z.string(),
    quantity: decimalOutput,
    settledQuantity: decimalOutput,
    averagePrice: decimalOutput,
    realisedPnl: decimalOutput,
    unrealisedPnl: decimalOutput.meta({ description: 'At the last price; 0 while there is none' }),
    currency: z.string(),
  })
  .meta({ id: 'Position' });
export const positionListSchema = listOf(positionSchema, 'PositionList');
export const positionQuery = z.strictObject({ account: identifier.optional() });

export const accountSchema = z
  .object({
    account: z.string(),
    currency: z.string(),
    cash: decimalOutput,
    settledCash: decimalOutput,
    reserved: decimalOutput.meta({ description: 'Held back for open buys, worst-case fees included' }),
    buyingPower: decimalOutput.meta({ description: 'cash less reserved' }),
    asOf: timestampOutput,
  })
  .meta({ id: 'Account' });
