/** Who a key acts as. One key has one role. */
export const ROLES = ['trader', 'risk', 'approver', 'ops', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What a route may ask of a role. Every route names exactly one. */
export const PERMISSIONS = [
  'submitOrder',
  'amendOrder',
  'cancelOrder',
  'readOrders',
  'readAccounts',
  'readReference',
  'readHalts',
  'setHalt',
  'changeInstrument',
  'readInstrumentHistory',
  'resolveOrder',
  'readOperations',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const READS = ['readOrders', 'readAccounts', 'readReference', 'readHalts'] as const;
/** What stops trading, or says by which rules it goes on. */
const CONTROLS = ['setHalt', 'changeInstrument', 'readInstrumentHistory'] as const;

/**
 * The whole permission table. Only traders create risk (submit, amend). Whoever watches risk or runs the system may
 * take risk off (cancel), and an administrator does everything but trade. Figures of the whole firm are for those who
 * are not tied to accounts by what they do.
 */
export const PERMISSIONS_BY_ROLE: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  trader: new Set<Permission>([...READS, 'submitOrder', 'amendOrder', 'cancelOrder']),
  risk: new Set<Permission>([...READS, ...CONTROLS, 'cancelOrder', 'readOperations']),
  approver: new Set<Permission>(READS),
  ops: new Set<Permission>([...READS, 'cancelOrder', 'resolveOrder', 'readOperations']),
  auditor: new Set<Permission>([...READS, 'readInstrumentHistory', 'readOperations']),
  admin: new Set<Permission>([...READS, ...CONTROLS, 'cancelOrder', 'resolveOrder', 'readOperations']),
};

/** Grants every account, also those opened later. */
export const ALL_ACCOUNTS = '*';

/** The holder of a key, as handlers see it. The key itself is never kept. */
export interface Principal {
  name: string;
  role: Role;
  accounts: readonly string[];
  /** SHA-256 of the key, in hex: what limits are counted by. */
  keyHash: string;
}

export function mayUseAccount(principal: Principal, account: string): boolean {
  return principal.accounts.includes(ALL_ACCOUNTS) || principal.accounts.includes(account);
}

/** The accounts that a query must be narrowed to; undefined when the key may use all. */
export function accountScope(principal: Principal): readonly string[] | undefined {
  return principal.accounts.includes(ALL_ACCOUNTS) ? undefined : principal.accounts;
}
