import { decideApply, decideReserve, type DecisionContext } from './decide-exposure';
import type { IdentityDoc } from '../../storage/collections';
import type { AccountDraft, AccountImage } from './account-draft';
import type { IdentityClaims } from './identity-claims';
import type { AdmissionResult, ApplyExposureInput, ReserveInput } from './risk.port';

export type ExposureRequest =
  /** `identity`: what the order has to be the first to claim. */
  | { reserve: ReserveInput; identity?: IdentityDoc }
  | { apply: ApplyExposureInput }
  /** Nothing but to file what is not filed yet. */
  | { file: 'admitted' };
export type ExposureAnswer = AdmissionResult | 'applied' | 'filed';

/** Each request in its turn, on the outcome of the one before. */
export function decideEach(
  draft: AccountDraft,
  claims: IdentityClaims,
  requests: ExposureRequest[],
  context: DecisionContext,
): ExposureAnswer[] {
  return requests.map((request): ExposureAnswer => {
    if ('file' in request) return 'filed';
    if ('apply' in request) {
      decideApply(draft, request.apply);
      return 'applied';
    }
    const owner = request.identity && claims.claim(request.identity);
    return owner === undefined ? decideReserve(draft, request.reserve, context) : { outcome: 'taken', owner };
  });
}

export function orderIdOf(request: ExposureRequest): string | undefined {
  if ('file' in request) return undefined;
  return 'reserve' in request ? request.reserve.orderId : request.apply.orderId;
}

export function identitiesIn({ account }: AccountImage): IdentityDoc[] {
  return (account?.admitted ?? []).map(({ identity }) => identity);
}

export function identityOf(request: ExposureRequest): IdentityDoc[] {
  return 'reserve' in request && request.identity !== undefined ? [request.identity] : [];
}
