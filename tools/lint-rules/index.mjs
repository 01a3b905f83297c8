import { noDecimalArithmetic } from './no-decimal-arithmetic.mjs';
import { noAsyncValidator } from './no-async-validator.mjs';

/** Lint rules of this repository: mistakes that the compiler accepts and that cost money or determinism. */
export const steadfillRules = {
  meta: { name: 'steadfill' },
  rules: {
    'no-async-validator': noAsyncValidator,
    'no-decimal-arithmetic': noDecimalArithmetic,
  },
};
