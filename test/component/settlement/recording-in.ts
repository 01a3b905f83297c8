import type { Db } from 'mongodb';
import { createCorrectionActivities } from '../../../activities/corrections';
import { createTriggerActivities } from '../../../activities/execution/trigger-store';
import { createOrderSteps } from '../../../activities/order-steps';
import { createReportingActivities } from '../../../activities/reporting/reporting.activities';
import { createSettlementActivities } from '../../../activities/settlement/settlement.activities';
import { createLogger } from '../../../observability/logger';
import type { RiskEntry } from '../../../activities/risk/risk.port';
import type { OrderDesk } from '../../../activities/order-entry/order-desk';
import type { ScriptedActivities } from '../../support/scripted-activities';

/** The real recording, settlement and corrections on a database, in the place of scripted ones; entry and risk stay scripted. */
export const recordingIn =
  (db: Db) =>
  (scripted: ScriptedActivities): object => {
    const logger = createLogger('test', 'none');
    const reporting = createReportingActivities({ db, logger });
    const settlement = createSettlementActivities({ db });
    const triggers = createTriggerActivities({ db });
    // Only entry asks the desk, and entry is scripted.
    const desk = {} as OrderDesk;
    const risk = { activities: scripted, entry: {} as RiskEntry };
    const { deliverEffects } = createOrderSteps({ desk, risk, reporting, settlement, triggers });
    const corrections = createCorrectionActivities({ db, reporting, logger });
    return { ...reporting, ...settlement, deliverEffects, ...corrections };
  };
