import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Router, type RequestHandler } from 'express';
import { problem } from '../../http/problem';
import { refuseMethod } from '../../http/mount-routes';
import { sendProblem } from '../../http/respond';
import { sendConsolePage, type ConsolePage } from './console-page';

const ASSETS = join(__dirname, 'assets');

/** Every file that pages load, and its type; nothing else can be asked for. */
const ASSET_TYPES: Readonly<Record<string, string>> = {
  'console.css': 'text/css',
  'shell.mjs': 'text/javascript',
  'dom.mjs': 'text/javascript',
  'figures.mjs': 'text/javascript',
  'chart.mjs': 'text/javascript',
  'widgets.mjs': 'text/javascript',
  'live-orders.mjs': 'text/javascript',
  'live.mjs': 'text/javascript',
  'order.mjs': 'text/javascript',
};

/** Pages by their path, in express's notation. */
const PAGES: Readonly<Record<string, ConsolePage>> = {
  '/ops': { title: 'Operations', script: 'live.mjs' },
  '/ops/orders/:orderId': { title: 'Order', script: 'order.mjs' },
};

/** The pages for operations and their files. They hold no data and need no key; the data they ask for does. */
export function consoleRouter(): Router {
  const router = Router();
  for (const [path, page] of Object.entries(PAGES)) {
    const show: RequestHandler = (request, response, next) => {
      // Whoever shows a key or asks for JSON wants the data that has the same path.
      const wantsPage =
        request.get('Authorization') === undefined && request.accepts(['html', 'json']) === 'html';
      if (!wantsPage) return next('route');
      response.locals['route'] = path.replaceAll(/:(\w+)/g, '{$1}');
      sendConsolePage(response, page);
    };
    router
      .route(path)
      .get(show)
      .all(refuseMethod(['get']));
  }
  router
    .route('/ops/assets/:name')
    .get(sendAsset)
    .all(refuseMethod(['get']));
  return router;
}

const sendAsset: RequestHandler = async (request, response) => {
  response.locals['route'] = '/ops/assets/{name}';
  const name = String(request.params['name']);
  const type = Object.hasOwn(ASSET_TYPES, name) ? ASSET_TYPES[name] : undefined;
  if (type === undefined) return sendProblem(response, problem('NOT_FOUND'));
  response.type(type).send(await readFile(join(ASSETS, name), 'utf8'));
};
