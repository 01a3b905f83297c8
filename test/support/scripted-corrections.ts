import { foldOrder } from '../../domain/order/evolve';
import { packState } from '../../domain/order/packed-state';
import type { CorrectionActivities } from '../../activities/corrections.port';
import type { OrderEvent } from '../../domain/order/order-events';
import type { Script, Witness } from './scripted-activities';

/** Corrections on the log that the witness has: a place in it is taken once, as in MongoDB. */
export function scriptedCorrections(
  script: Script,
  witness: Witness,
  note: (name: string) => number,
): CorrectionActivities {
  const log = (orderId: string): OrderEvent[] =>
    witness.records
      .flatMap(({ events }) => events)
      .filter((event) => event.orderId === orderId)
      .sort((a, b) => a.seq - b.seq);
  return {
    async readOrder({ orderId }) {
      note('readOrder');
      script.beforeEffect?.('readOrder');
      const events = log(orderId);
      if (events.length === 0) return { outcome: 'absent' };
      return { outcome: 'found', state: packState(foldOrder(events)) };
    },
    async recordCorrection({ record, settle }) {
      note('recordCorrection');
      const taken = new Set(log(record.view.orderId).map(({ seq }) => seq));
      if (record.events.some(({ seq }) => taken.has(seq))) return { outcome: 'stale' };
      witness.records.push(record);
      if (settle !== undefined) witness.settlements.push(settle);
      return { outcome: 'recorded' };
    },
    async setAsideReports(input) {
      note('setAsideReports');
      witness.setAside.push(input);
    },
  };
}
