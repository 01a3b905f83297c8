/**
 * What the orders of a list have to do with each other (FIX ContingencyType 1385): `none`: nothing; `oco`: the first
 * fill cancels the others; `ouo`: a fill takes its quantity from the others; `oto`: the first order, once it has ended
 * with fills, sets off the others; `bracket`: a first order whose fills set off two exits that are `ouo`.
 */
export const CONTINGENCIES = ['none', 'oco', 'ouo', 'oto', 'bracket'] as const;
export type Contingency = (typeof CONTINGENCIES)[number];

/** How an order knows its list; kept with the order for its whole life. */
export interface ListMembership {
  listId: string;
  contingency: Contingency;
  /** Index in the list, from 0. */
  leg: number;
}
