import { LineJournal } from '../../journal/line-journal';
import type { ReportAddress } from '../../venue-port';

/** Intents that are remembered; older ones have long had their outcome. */
const INTENTS_MAX = 100_000;
/** The file is written anew at the start, and when it has this many lines more than it needs. */
const SPARE_LINES_MAX = 200_000;

type Line =
  | { intent: string; address: ReportAddress }
  /** Reports of this epoch are taken in up to `seq`. */
  | { epoch: string; seq: number };

/**
 * What the session must not forget: which ClOrdIDs may have been sent, for whom, and how far reports were taken in.
 * An intent is on disk before anything is sent, so that after a crash nothing is sent that may be there already
 * without asking first.
 */
export class SessionJournal {
  private readonly journal: LineJournal;
  private readonly intents: Map<string, ReportAddress>;
  private epoch: string | undefined;
  private seq = 0;
  private spareLines = 0;

  private constructor(journal: LineJournal, intents: Map<string, ReportAddress>) {
    this.journal = journal;
    this.intents = intents;
  }

  static async open(path: string): Promise<SessionJournal> {
    const intents = new Map<string, ReportAddress>();
    let resume: { epoch: string; seq: number } | undefined;
    const journal = await LineJournal.open(path, (text) => {
      const line = JSON.parse(text) as Line;
      if ('intent' in line) remember(intents, line.intent, line.address);
      else resume = line;
    });
    const session = new SessionJournal(journal, intents);
    if (resume !== undefined) ({ epoch: session.epoch, seq: session.seq } = resume);
    await session.compact();
    return session;
  }

  /** True when something with this ClOrdID may have left the house. */
  hasIntent(clOrdId: string): boolean {
    return this.intents.has(clOrdId);
  }

  addressOf(clOrdId: string): ReportAddress | undefined {
    return this.intents.get(clOrdId);
  }

  /** Resolves when the intent is on disk. */
  async recordIntent(clOrdId: string, address: ReportAddress): Promise<void> {
    remember(this.intents, clOrdId, address);
    await this.append({ intent: clOrdId, address }, true);
  }

  resumePoint(): { epoch: string | undefined; seq: number } {
    return { epoch: this.epoch, seq: this.seq };
  }

  /** Moves the resume point. If it is lost in a crash, reports come again, which is harmless. */
  async recordTaken(epoch: string, seq: number): Promise<void> {
    this.epoch = epoch;
    this.seq = seq;
    await this.append({ epoch, seq }, false);
  }

  close(): Promise<void> {
    return this.journal.close();
  }

  private async append(line: Line, durable: boolean): Promise<void> {
    this.spareLines += 1;
    if (this.spareLines > SPARE_LINES_MAX) await this.compact();
    const text = JSON.stringify(line);
    if (durable) await this.journal.append(text);
    else this.journal.note(text);
  }

  private async compact(): Promise<void> {
    this.spareLines = 0;
    await this.journal.replace(() => {
      const lines = [...this.intents].map(([intent, address]) => JSON.stringify({ intent, address }));
      if (this.epoch !== undefined) lines.push(JSON.stringify({ epoch: this.epoch, seq: this.seq }));
      return lines;
    });
  }
}

function remember(intents: Map<string, ReportAddress>, clOrdId: string, address: ReportAddress): void {
  intents.set(clOrdId, address);
  if (intents.size <= INTENTS_MAX) return;
  const [oldest] = intents.keys();
  if (oldest !== undefined) intents.delete(oldest);
}
