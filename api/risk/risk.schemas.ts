import { z } from 'zod';
import { HALT_SCOPES } from '../../domain/risk/halts';
import { identifier, listOf, timestampOutput } from '../http/common.schemas';

const REASON_CHARACTERS_MAX = 500;

export const haltParams = z.object({
  scope: z.enum(HALT_SCOPES),
  id: identifier.meta({ description: 'Account, venue or symbol; any name for the firm as a whole' }),
});

export const haltBody = z
  .strictObject({
    halted: z.boolean(),
    reason: z.string().trim().min(1, 'must say why').max(REASON_CHARACTERS_MAX),
  })
  .meta({ id: 'SetHalt' });

export const haltSchema = z
  .object({
    scope: z.enum(HALT_SCOPES),
    id: z.string(),
    halted: z.boolean(),
    by: z.string(),
    reason: z.string(),
    at: timestampOutput,
  })
  .meta({ id: 'Halt' });
export const haltListSchema = listOf(haltSchema, 'HaltList');
