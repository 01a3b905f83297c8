import { eventually } from '../../support/eventually';

export interface StreamEvent {
  id: string;
  event: string;
  data: unknown;
}

/** A server-sent event client, as small as the tests need it. */
export class EventStream {
  readonly events: StreamEvent[] = [];
  status = 0;
  ended = false;
  /** When the server wants the client back, in milliseconds; the last word counts. */
  retryMs: number | undefined;
  private readonly aborter = new AbortController();

  static async open(url: string, key: string, lastEventId?: string): Promise<EventStream> {
    const stream = new EventStream();
    const response = await fetch(url, {
      headers: {
        authorization: `Bearer ${key}`,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      signal: stream.aborter.signal,
    });
    stream.status = response.status;
    if (response.body !== null) void stream.read(response.body);
    return stream;
  }

  /** Waits for `count` events of this name and gives them. */
  async take(event: string, count: number): Promise<StreamEvent[]> {
    const found = (): StreamEvent[] => this.events.filter((candidate) => candidate.event === event);
    await eventually(() => found().length >= count, { what: `${count} events ${event}` });
    return found();
  }

  close(): void {
    this.aborter.abort();
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.takeBlock(block);
      }
    } catch (fault) {
      if (!this.aborter.signal.aborted) throw fault;
    } finally {
      this.ended = true;
    }
  }

  private takeBlock(block: string): void {
    const fields: Record<string, string> = {};
    for (const line of block.split('\n')) {
      const at = line.indexOf(':');
      if (at > 0)
        fields[line.slice(0, at)] = (fields[line.slice(0, at)] ?? '') + line.slice(at + 1).trimStart();
    }
    if (fields['retry'] !== undefined) this.retryMs = Number(fields['retry']);
    if (fields['data'] === undefined) return;
    this.events.push({
      id: fields['id'] ?? '',
      event: fields['event'] ?? '',
      data: JSON.parse(fields['data']),
    });
  }
}
