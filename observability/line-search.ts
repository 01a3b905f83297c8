const LINE_END = 10;

/** The lines of `content` that hold one of `texts`, each once, in their order. Lines that do not are never decoded. */
export function linesWith(content: Buffer, texts: readonly string[]): string[] {
  const begins = new Set<number>();
  for (const text of texts) {
    for (let hit = content.indexOf(text); hit >= 0;) {
      begins.add(content.lastIndexOf(LINE_END, hit) + 1);
      const end = content.indexOf(LINE_END, hit);
      hit = end < 0 ? -1 : content.indexOf(text, end);
    }
  }
  return [...begins]
    .sort((a, b) => a - b)
    .map((begin) => {
      const end = content.indexOf(LINE_END, begin);
      return content.subarray(begin, end < 0 ? content.length : end).toString();
    });
}
