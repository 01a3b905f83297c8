import { Runtime } from '@temporalio/worker';
import { loadConfig } from '../../../config/config';
import { METRICS } from '../../../observability/metrics/catalog';
import { sdkGauge, sdkHistogram } from '../../../observability/metrics/sdk-meters';
import { watchWorkerProcess } from '../../../observability/metrics/worker-process';
import { installRuntime } from '../../../observability/temporal-logger';

/** A process that measures as a worker does, at STEADFILL_METRICS_ADDRESS, until it is told to end. */
installRuntime({ component: 'metered', config: loadConfig(), shutdownSignals: [] });
const meter = Runtime.instance().metricMeter;
watchWorkerProcess(meter);
sdkGauge(meter, METRICS.venueSessionUp)({ venue: 'XSIM' }, 1);
sdkHistogram(meter, METRICS.viewLag)({}, 0.3);
sdkHistogram(meter, METRICS.viewLag)({}, -5);
process.stdout.write('measuring\n');
process.stdin.on('data', () => undefined).on('end', () => process.exit(0));
