const CAPABILITIES = 'order-entry|risk|execution|settlement|reporting';
const KERNEL = 'order|money|instrument|calendar|errors';
const PRODUCT = 'domain|workflows|activities|venues|api|workers|config|observability|storage|temporal-config';
const LOCAL = `${PRODUCT}|tools|test`;

/**
 * The import rules of docs/architecture.md. Each has a name and a reason, and test/unit/repository/import-rules.test.ts
 * proves that each one fires. An import that no rule forbids is allowed.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'Two modules that need each other are one module, or a third is missing. A cycle that a type-only import ' +
        'closes is gone at run time, and allowed.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import must lead somewhere. k6 brings its own modules to the scripts that it runs.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^k6(/|$)' },
    },
    {
      name: 'no-orphans',
      comment: 'A module that imports nothing and that nobody imports is dead.',
      severity: 'error',
      from: { orphan: true, pathNot: '(^|/)(main|index)\\.ts$|\\.d\\.[mc]?ts$|\\.(mjs|cjs)$' },
      to: {},
    },
    {
      name: 'domain-imports-domain-only',
      comment: 'The domain is pure: nothing of ours outside domain/.',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: `^(${LOCAL})/`, pathNot: '^domain/' },
    },
    {
      name: 'domain-packages',
      comment:
        'The domain uses decimals, hashes and calendar arithmetic, and no other package or Node built-in.',
      severity: 'error',
      from: { path: '^domain/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'],
        pathNot: '(^|/)node_modules/(decimal\\.js|@noble/hashes|@js-temporal/polyfill)/',
      },
    },
    {
      name: 'domain-capabilities-are-apart',
      comment: 'A capability of the domain imports another one only through the kernel.',
      severity: 'error',
      from: { path: `^domain/(${CAPABILITIES})/` },
      to: { path: `^domain/(${CAPABILITIES})/`, pathNot: '^domain/$1/' },
    },
    {
      name: 'domain-kernel-knows-no-capability',
      comment: 'The kernel is what capabilities share; if it imported one, all would.',
      severity: 'error',
      from: { path: `^domain/(${KERNEL})/` },
      to: { path: `^domain/(${CAPABILITIES})/` },
    },
    {
      name: 'workflows-import-domain-and-ports-only',
      comment:
        'Workflow code is bundled and replayed: domain, other workflow code, activity ports, the schema of the ' +
        'search attributes and the metrics that workflows count, nothing else.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: `^(${LOCAL})/`,
        pathNot:
          '^(domain|workflows)/|^activities/.+\\.port\\.ts$|^temporal-config/search-attributes\\.ts$' +
          '|^observability/metrics/order-flow\\.ts$',
      },
    },
    {
      name: 'search-attribute-schema-is-pure',
      comment:
        'The schema is part of the workflow bundle, so it may use @temporalio/common and nothing else.',
      severity: 'error',
      from: { path: '^temporal-config/search-attributes\\.ts$' },
      to: { pathNot: '(^|/)node_modules/@temporalio/common/|^domain/' },
    },
    {
      name: 'workflow-metrics-are-pure',
      comment: 'The metrics that workflows count are part of the workflow bundle, so they import nothing.',
      severity: 'error',
      from: { path: '^observability/metrics/order-flow\\.ts$' },
      to: { path: '.' },
    },
    {
      name: 'workflows-take-only-types-from-ports',
      comment: 'An activity port that were more than a type would run activity code in the sandbox.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-packages',
      comment: 'The sandbox has no Node built-ins, and other packages weigh on every cached workflow.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'],
        pathNot: '(^|/)node_modules/(@temporalio/(workflow|common)|@js-temporal/polyfill)/',
      },
    },
    {
      name: 'activity-capabilities-are-apart',
      comment: "One capability's activities never import another's: a change in one must not ripple.",
      severity: 'error',
      from: { path: `^activities/(${CAPABILITIES})/` },
      to: { path: '^activities/[^/]+/', pathNot: '^activities/$1/' },
    },
    {
      name: 'activities-know-workflows-by-messages',
      comment: 'Activities may send a workflow its messages; they never call its code.',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^workflows/', pathNot: '-messages\\.ts$' },
    },
    {
      name: 'api-never-imports-activities',
      comment: 'The API asks workflows and reads views; the workflow is the only one that acts.',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^activities/' },
    },
    {
      name: 'api-knows-workflows-by-messages',
      comment: 'The API sends messages; workflow code does not belong in its process.',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^workflows/', pathNot: '-messages\\.ts$' },
    },
    {
      name: 'venue-protocol-stays-at-the-venue',
      comment: 'Only venues and activities/execution know how a venue speaks; workers wire them together.',
      severity: 'error',
      from: { path: `^(${PRODUCT})/`, pathNot: '^(venues|activities/execution|workers)/' },
      to: { path: '^venues/', pathNot: '^venues/(venue-port\\.ts$|market-data/)' },
    },
    {
      name: 'venues-know-only-the-execution-port',
      comment:
        'A venue adapter implements a port; it knows neither other activities nor workflows nor the API.',
      severity: 'error',
      from: { path: '^venues/' },
      to: {
        path: '^(activities|workflows|api|workers)/',
        pathNot: '^activities/execution/[^/]+\\.port\\.ts$',
      },
    },
    {
      name: 'infrastructure-knows-no-business',
      comment: 'Configuration, observability and storage serve all capabilities and depend on none.',
      severity: 'error',
      from: { path: '^(config|observability|storage|temporal-config)/' },
      to: { path: '^(activities|api|venues|workers)/' },
    },
    {
      name: 'entry-points-are-not-libraries',
      comment: 'Workers and the API are processes: nothing else of the product imports them.',
      severity: 'error',
      from: { path: `^(${PRODUCT})/` },
      to: { path: '^(api|workers)/', pathNot: '^$1/' },
    },
    {
      name: 'product-never-imports-tools-or-tests',
      comment: 'Tools and tests stand on the product, not the other way round.',
      severity: 'error',
      from: { path: `^(${PRODUCT})/` },
      to: { path: '^(tools|test)/' },
    },
    {
      name: 'tools-never-import-tests',
      comment:
        'A tool runs where the tests are not; only the test runner and the recorder of histories use them.',
      severity: 'error',
      from: { path: '^tools/', pathNot: '^tools/(test/|replay/record\\.ts$)' },
      to: { path: '^test/' },
    },
    {
      name: 'no-development-packages-in-the-product',
      comment: 'What runs in production is listed under dependencies.',
      severity: 'error',
      from: { path: `^(${PRODUCT})/` },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
    cache: { folder: 'node_modules/.cache/dependency-cruiser', strategy: 'content' },
  },
};
