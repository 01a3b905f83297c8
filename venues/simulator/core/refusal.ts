/** A refusal with its FIX number: OrdRejReason for orders, CxlRejReason for cancels and replaces. */
export interface VenueRefusal {
  reason: string;
  text: string;
}

export function refusal(reason: string, text: string): VenueRefusal {
  return { reason, text };
}
