import type { Client } from '@temporalio/client';
import type { Db } from 'mongodb';
import type { Config } from '../../config/config';
import type { RunDescription } from '../support/running-system';

/** What changes of routing need: Temporal and the home. Rollback works with this alone. */
export interface RoutingContext {
  config: Config;
  client: Client;
  namespace: string;
  deploymentName: string;
  /** Folder of the installation. */
  home: string;
  /** Progress for people, on stderr. */
  say(line: string): void;
  nowMs(): number;
  dryRun: boolean;
  /** Who gives the command; on record with every step. */
  by: string;
}

/** What gates and the canary decision need besides: the views, and where the parts of the system listen. */
export interface DeployContext extends RoutingContext {
  db: Db;
  run: RunDescription;
}
