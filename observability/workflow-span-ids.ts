const HEX_DIGITS_OF_32_BITS = 8;
const GOLDEN_RATIO_32 = 0x9e3779b9;

/** Mixes 32 bits so that neighbours look unlike; every input has an output of its own (the finalizer of MurmurHash3). */
function mixed(bits: number): number {
  let mix = bits ^ (bits >>> 16);
  mix = Math.imul(mix, 0x85ebca6b);
  mix ^= mix >>> 13;
  mix = Math.imul(mix, 0xc2b2ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}

function hex(bits: number): string {
  return bits.toString(16).padStart(HEX_DIGITS_OF_32_BITS, '0');
}

/** The 128 bits of a run id (a UUID) as four numbers of 32 bits; of another id what its hexadecimal digits give. */
function wordsOf(runId: string): [number, number, number, number] {
  const digits = runId.replace(/[^0-9a-f]/g, '').padEnd(4 * HEX_DIGITS_OF_32_BITS, '7');
  const word = (index: number): number =>
    Number.parseInt(digits.slice(index * HEX_DIGITS_OF_32_BITS, (index + 1) * HEX_DIGITS_OF_32_BITS), 16) >>>
    0;
  return [word(0), word(1), word(2), word(3)];
}

/** Span id (16 hexadecimal digits, not all zero) of the span with this number, counted from 1, of a run. */
export function spanIdOf(runId: string, number: number): string {
  const [a, b, c, d] = wordsOf(runId);
  const high = mixed(a ^ d);
  const low = mixed((b ^ c) + Math.imul(number, GOLDEN_RATIO_32));
  return high === 0 && low === 0
    ? hex(1).padStart(2 * HEX_DIGITS_OF_32_BITS, '0')
    : `${hex(high)}${hex(low)}`;
}

/** Trace id (32 hexadecimal digits, not all zero) of a run that nobody started in a trace. */
export function traceIdOf(runId: string): string {
  const words = wordsOf(runId).map((word) => mixed(word + 1));
  return words.every((word) => word === 0) ? spanIdOf(runId, 0).repeat(2) : words.map(hex).join('');
}
