import { join } from 'node:path';

/**
 * The file in a home that says where its processes serve metrics, in the form of Prometheus' file-based service
 * discovery. `npm start` writes it; whoever deploys otherwise writes it or goes without.
 */
export function metricsTargetsFileOf(home: string): string {
  return join(home, 'prometheus', 'targets.json');
}
