const MINUS = '–';

/** Numbers as people read them; what is not known is a dash, never a zero. */
export const count = (value) =>
  value === null || value === undefined ? MINUS : value.toLocaleString('en-US');
export const rate = (value) =>
  value === null || value === undefined
    ? MINUS
    : value < 10
      ? value.toFixed(1)
      : Math.round(value).toLocaleString('en-US');
export const percent = (value) => `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} %`;
export const megabytes = (bytes) => (bytes === null ? MINUS : `${count(Math.round(bytes / 1_048_576))} MiB`);

/** Milliseconds with the unit that suits them. */
export function duration(ms) {
  if (ms === null || ms === undefined) return MINUS;
  if (ms >= 10_000) return `${Math.round(ms / 1_000)} s`;
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 10 && ms > 0 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** Time of day in the reader's zone. */
export const time = (iso) => new Date(iso).toLocaleTimeString('en-GB');
