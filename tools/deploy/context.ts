import type { Client } from '@temporalio/client';
import type { Db } from 'mongodb';
import type { Config } from '../../config/config';
import type { RunDescription } from '../support/running-system';

/** What every step of a deployment works with; nothing here is global, so that tests make their own. */
export interface DeployContext {
  config: Config;
  client: Client;
  /** Temporal namespace. */
  namespace: string;
  /** Name of the worker deployment in Temporal. */
  deploymentName: string;
  db: Db;
  /** Folder of the installation. */
  home: string;
  run: RunDescription;
  /** One line of progress. */
  say(line: string): void;
  nowMs(): number;
  /** True when nothing may be changed. */
  dryRun: boolean;
}

/** A build as it is kept: its id and the snapshot of its sources with the workflow bundle built from them. */
export interface BuildRecord {
  buildId: string;
  folder: string;
  /** ISO 8601 UTC. */
  createdAt: string;
}
