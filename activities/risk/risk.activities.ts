import type { Db } from 'mongodb';
import { AccountDesk, type DeskPace } from './account-desk';
import { RiskControls } from './risk-controls';
import { accountsWithAdmitted, findExposure } from '../../storage/queries/admissions';
import { NO_EXPOSURE } from '../../domain/risk/check-risk';
import type { ExposureAnswer, ExposureRequest } from './account-requests';
import { isJustAdmitted, type DecisionContext } from './decide-exposure';
import type {
  AdmissionResult,
  ReserveInput,
  ReserveResult,
  Risk,
  RiskActivities,
  RiskEntry,
} from './risk.port';
import type { Logger } from '../../observability/logger';
import type { MarketDataPort } from '../../venues/venue-port';

/** Desks of accounts at rest beyond this number are given up; they are opened again when needed. */
const DESKS_MAX = 2_000;

export interface RiskDependencies {
  db: Db;
  marketData: Pick<MarketDataPort, 'latest'>;
  logger: Logger;
  /** Wall clock in epoch milliseconds; tests replace it. */
  nowMs?: () => number;
  /** How long desks wait for what; tests replace it. */
  pace?: DeskPace;
}

/** Pre-trade risk on MongoDB. Both activities throw at once while MongoDB is down: risk fails closed. */
export function createRiskActivities(dependencies: RiskDependencies): RiskActivities {
  return createRisk(dependencies).activities;
}

/** Pre-trade risk as activities, and for order entry in the same process, over the same desks. */
export function createRisk({ db, marketData, logger, nowMs = Date.now, pace }: RiskDependencies): Risk {
  const desks = new Map<string, AccountDesk>();
  const controls = new RiskControls(db, nowMs);

  const contextOf = async (account: string): Promise<DecisionContext> => ({
    controls: await controls.read(account),
    quoteOf: (symbol) => {
      const quote = marketData.latest(symbol);
      if (quote === undefined) return undefined;
      const { bid, ask, last, receivedAt } = quote;
      return { receivedAt, ...(bid && { bid }), ...(ask && { ask }), ...(last && { last }) };
    },
    at: new Date(nowMs()).toISOString(),
  });

  const deskOf = (account: string): AccountDesk => {
    const open = desks.get(account);
    if (open !== undefined) return open;
    if (desks.size >= DESKS_MAX) {
      for (const [id, desk] of desks) if (desk.isIdle()) desks.delete(id);
    }
    const desk = new AccountDesk(db, account, contextOf, pace);
    desks.set(account, desk);
    return desk;
  };

  const ask: Ask = async (account, request) => await deskOf(account).submit(request);

  const told = <T extends AdmissionResult>(input: ReserveInput, answer: T): T => {
    if (answer.outcome !== 'denied') return answer;
    const { orderId, riskVersion } = input;
    logger.info('risk denied an order', {
      orderId,
      riskVersion,
      codes: answer.reasons.map(({ code }) => code),
    });
    return answer;
  };

  const activities: RiskActivities = {
    async reserveExposure(input) {
      return told(input, asDecision(await ask(input.account, { reserve: input })));
    },
    async applyExposure(input) {
      await ask(input.account, { apply: input });
    },
  };
  const prepare = (account: string): void => {
    // Whoever decides reads them again when this fails, and then throws.
    controls.read(account).catch(() => undefined);
  };
  const entry: RiskEntry = {
    prepare,
    expect(order) {
      prepare(order.account);
      deskOf(order.account).expect(order);
    },
    async admit(input, identity) {
      const answer = await ask(input.account, { reserve: input, identity });
      return typeof answer === 'object' && answer.outcome === 'taken'
        ? answer
        : told(input, asDecision(answer));
    },
    giveBack: (orderId) => giveBack(db, ask, orderId),
  };
  return {
    activities,
    entry,
    fileLeftovers: () => fileLeftovers(db, ask),
  };
}

type Ask = (account: string, request: ExposureRequest) => Promise<ExposureAnswer>;

async function giveBack(db: Db, ask: Ask, orderId: string): Promise<void> {
  const exposure = await findExposure(db, orderId);
  if (exposure === undefined || !isJustAdmitted(exposure)) return;
  const { account, symbol, sequence } = exposure;
  const apply = { orderId, account, symbol, sequence: sequence + 1, contribution: NO_EXPOSURE };
  await ask(account, { apply });
}

async function fileLeftovers(db: Db, ask: Ask): Promise<void> {
  const accounts = await accountsWithAdmitted(db);
  await Promise.all(accounts.map((account) => ask(account, { file: 'admitted' })));
}

function asDecision(answer: ExposureAnswer): ReserveResult {
  if (typeof answer === 'string' || answer.outcome === 'taken')
    throw new Error('a reserve request is answered with a decision');
  return answer;
}
