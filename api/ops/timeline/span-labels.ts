/** What activities do, in the words of those who read a timeline. */
const ACTIVITIES: Readonly<Record<string, string>> = {
  admitOrder: 'Validate and reserve risk',
  deliverEffects: 'Settle, keep risk in step and record',
  registerIdentity: 'Register the identity',
  validateOrder: 'Validate',
  validateAmendment: 'Validate amendment',
  reserveExposure: 'Reserve risk',
  applyExposure: 'Keep risk in step',
  routeOrder: 'Route to the venue',
  cancelAtVenue: 'Cancel at the venue',
  replaceAtVenue: 'Replace at the venue',
  askOrderStatus: 'Ask the venue for the status',
  recordOrder: 'Record events and view',
  settleFills: 'Settle fills',
  keepTrigger: 'Tell the watch of the market',
};

const activity = (name: string): string => ACTIVITIES[name] ?? name;

/** How the SDK and we name spans, and what a reader sees instead; `$` is what follows the colon. */
const NAMES: Readonly<Record<string, (what: string) => string>> = {
  UpdateWithStartWorkflow: (what) => `API starts the order and sends ${what}`,
  StartWorkflow: (what) => `API starts ${what}`,
  StartWorkflowUpdate: (what) => `API sends ${what}`,
  SignalWorkflow: (what) => `Gateway signals ${what}`,
  QueryWorkflow: (what) => `API asks for ${what}`,
  RunWorkflow: (what) => `Workflow ${what}`,
  ContinueAsNew: (what) => `Workflow ${what} continues as a new run`,
  HandleUpdate: (what) => `Workflow handles ${what}`,
  ValidateUpdate: (what) => `Workflow checks ${what}`,
  HandleSignal: (what) => `Workflow takes ${what}`,
  HandleQuery: (what) => `Workflow answers ${what}`,
  StartActivity: (what) => `Workflow asks for: ${activity(what)}`,
  RunActivity: (what) => activity(what),
  Step: (what) => activity(what),
};
const METHOD = /^(GET|HEAD|POST|PUT|PATCH|DELETE) /;

/** A plain name for a span; names that are not known stay as they are. */
export function labelOfSpan(name: string, component: string): string {
  const colon = name.indexOf(':');
  const label = colon < 0 ? undefined : NAMES[name.slice(0, colon)];
  if (label !== undefined) return label(name.slice(colon + 1));
  if (name.startsWith('Venue ')) return `Message to the venue (${name.slice(6)})`;
  if (name.startsWith('Report ')) return `Execution report: ${name.slice(7)}`;
  if (METHOD.test(name)) return component === 'api' ? `Request ${name}` : `Venue handles ${name}`;
  return name;
}
