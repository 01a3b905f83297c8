export type GateName = 'replay' | 'probe' | 'compatibility';

/** What one gate found about a build. A gate that could not look is not ok. */
export interface GateResult {
  gate: GateName;
  ok: boolean;
  /** One sentence for people. */
  summary: string;
  /** The same in numbers and names, for machines. */
  figures: Readonly<Record<string, unknown>>;
}
