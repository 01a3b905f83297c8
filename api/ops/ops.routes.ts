import { Router, type RequestHandler, type Response } from 'express';
import swaggerUi from 'swagger-ui-express';
import { refuseMethod } from '../http/mount-routes';
import type { Route } from '../http/route';
import type { ApiMetrics } from './metrics';
import { openApiDocument } from './openapi';
import type { ReadinessProbe } from './readiness';

/** The docs page runs its own scripts and styles and nobody else's. */
const DOCS_POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

export interface OpsDependencies {
  routes: readonly Route[];
  version: string;
  metrics: ApiMetrics;
  /** The text for Prometheus. */
  expose: () => Promise<string>;
  readiness: ReadinessProbe;
  isDraining: () => boolean;
}

/** What needs no key: health, metrics and documentation. None of it tells anything about an account. */
export function opsRouter({
  routes,
  version,
  metrics,
  expose,
  readiness,
  isDraining,
}: OpsDependencies): Router {
  const router = Router();
  const document = openApiDocument(routes, version);

  const get = (path: string, handle: (response: Response) => Promise<void> | void): void => {
    const handler: RequestHandler = async (_request, response) => {
      response.locals['route'] = path;
      await handle(response);
    };
    router
      .route(path)
      .get(handler)
      .all(refuseMethod(['get']));
  };

  get('/healthz', (response) => void response.json({ status: 'ok' }));
  get('/readyz', async (response) => {
    if (isDraining()) return void response.status(503).json({ status: 'draining', checks: {} });
    const { ready, checks } = await readiness.check();
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'notReady', checks });
  });
  get('/metrics', async (response) => {
    response.type(metrics.registry.contentType).send(await expose());
  });
  get('/openapi.json', (response) => void response.json(document));
  const allowDocs: RequestHandler = (_request, response, next) => {
    response.set('Content-Security-Policy', DOCS_POLICY);
    response.locals['route'] = '/docs';
    next();
  };
  router.use(
    '/docs',
    allowDocs,
    swaggerUi.serve,
    swaggerUi.setup(document, { customSiteTitle: 'Steadfill API' }),
  );
  return router;
}
