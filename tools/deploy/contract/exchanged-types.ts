/** A type whose values one build writes and another may read. */
export interface ExchangedType {
  name: string;
  /** Path in the source tree. */
  file: string;
  /** What is written. */
  type: string;
  /** What is taken when it is read, where that is more: older versions. */
  reads?: string;
}

const events = 'domain/order/order-events.ts';
const views = 'domain/order/order-view.ts';
const state = 'domain/order/order-types.ts';
const records = 'storage/collections.ts';
const messages = 'workflows/order-entry/order-messages.ts';
const execution = 'activities/execution/execution.port.ts';

/**
 * Everything that crosses from one build to another: documents that both read and write, and what an order on one
 * build says to, and hears from, the API and the gateway of another.
 */
export const EXCHANGED_TYPES: readonly ExchangedType[] = [
  { name: 'orderEvent', file: events, type: 'OrderEvent', reads: 'StoredOrderEvent' },
  { name: 'orderView', file: views, type: 'OrderView' },
  { name: 'fillView', file: views, type: 'FillView' },
  { name: 'orderState', file: state, type: 'OrderState' },
  { name: 'fillRecord', file: records, type: 'FillRecord' },
  { name: 'positionRecord', file: records, type: 'PositionRecord' },
  { name: 'balanceRecord', file: records, type: 'BalanceRecord' },
  { name: 'riskAccountRecord', file: records, type: 'RiskAccountRecord' },
  { name: 'exposureRecord', file: records, type: 'ExposureRecord' },
  { name: 'identityRecord', file: records, type: 'IdentityDoc' },
  { name: 'accountRecord', file: records, type: 'AccountRecord' },
  { name: 'instrumentRecord', file: records, type: 'InstrumentRecord' },
  { name: 'riskLimitsRecord', file: records, type: 'RiskLimitsRecord' },
  { name: 'haltRecord', file: records, type: 'HaltDoc' },
  { name: 'ledgerRecord', file: records, type: 'LedgerRecord' },
  { name: 'workflowInput', file: messages, type: 'OrderWorkflowInput' },
  { name: 'submit', file: messages, type: 'SubmitInput' },
  { name: 'submitResult', file: messages, type: 'SubmitResult' },
  { name: 'cancel', file: messages, type: 'CancelRequest' },
  { name: 'amend', file: messages, type: 'AmendRequest' },
  { name: 'resolve', file: messages, type: 'ResolveRequest' },
  { name: 'requestResult', file: messages, type: 'RequestResult' },
  {
    name: 'correctionInput',
    file: 'workflows/execution/correction-messages.ts',
    type: 'CorrectionInput',
  },
  { name: 'executionReport', file: 'domain/order/execution-report.ts', type: 'ExecutionReport' },
  { name: 'venueOrder', file: execution, type: 'VenueOrder' },
  { name: 'venueCancel', file: execution, type: 'VenueCancel' },
  { name: 'venueReplace', file: execution, type: 'VenueReplace' },
  { name: 'sendResult', file: execution, type: 'SendResult' },
  { name: 'orderStatusResult', file: execution, type: 'OrderStatusResult' },
];
