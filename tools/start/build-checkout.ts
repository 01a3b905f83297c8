import { loadConfig } from '../../config/config';
import { BuildError } from '../deploy/builds/build-store';
import { prepareCheckoutBuild } from './checkout-build';

// A process of its own, because bundling would hold up the supervisor, which watches its children meanwhile.
prepareCheckoutBuild(loadConfig()).then(
  () => process.exit(0),
  (fault: unknown) => {
    const { message, stack } = fault as Error;
    process.stderr.write(`${fault instanceof BuildError ? message : (stack ?? message)}\n`);
    process.exit(1);
  },
);
