import { createRequire } from 'node:module';

type Visitor = typeof import('@temporalio/common/lib/internal-non-workflow/payload-visitor');
type Storage = typeof import('@temporalio/common/lib/internal-non-workflow/external-storage-visitor');
type Visit = Visitor['visit'];
type Inbound = Storage['extstoreInboundOptions'];

/**
 * In place of the promise of a payload that stays as it is: the SDK's walkers note what its `then` returns, which is for
 * `visit` to wait for, and ours does not.
 */
const AS_IT_IS = { then: () => undefined } as unknown as Promise<never>;

/**
 * The SDK's walk over the payloads of a message, which for every task of a worker without external storage only makes
 * sure that no payload is a reference into one. That takes it an abort controller for each message, and several promises
 * and a turn of a semaphore for each payload; here the same check, for which nothing has to be waited, is called at once.
 * Any other walk is as ever.
 */
export function checkingAtOnce(visit: Visit, inbound: Inbound): { visit: Visit; inbound: Inbound } {
  const check = inbound(undefined);
  const env = {
    skipHeaders: false,
    skipSearchAttributes: check.skipSearchAttributes ?? false,
    transformPayload: (...args: Parameters<typeof check.transformPayload>) => {
      void check.transformPayload(...args);
      return AS_IT_IS;
    },
    transformPayloads: (...args: Parameters<typeof check.transformPayloads>) => {
      void check.transformPayloads(...args);
      return AS_IT_IS;
    },
  };
  return {
    inbound: (externalStorage) => (externalStorage === undefined ? check : inbound(externalStorage)),
    visit: async (root, walk, options) => {
      if ((options as unknown) !== check) return await visit(root, walk, options);
      void walk(root, env as unknown as Parameters<typeof walk>[1], undefined as Parameters<typeof walk>[2]);
    },
  };
}

/** From now on this process checks the payloads of what it is sent without waiting (decision 0076). */
export function checkPayloadsAtOnce(): void {
  // The modules themselves, which the SDK reads at each call: an import may be a copy made for interoperability.
  const load = createRequire(require.resolve('@temporalio/common/lib/internal-non-workflow'));
  const visitor = load('./payload-visitor') as { visit: Visit };
  const storage = load('./external-storage-visitor') as { extstoreInboundOptions: Inbound };
  const { visit, inbound } = checkingAtOnce(visitor.visit, storage.extstoreInboundOptions);
  visitor.visit = visit;
  storage.extstoreInboundOptions = inbound;
}
