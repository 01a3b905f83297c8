import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import { ConfigError, configSchema, loadConfig } from '../../../config/config';

// Goal: a process never starts on a wrong setting, and says everything that is wrong at once.
// Method: environments are given as objects.

describe('configuration', () => {
  it('needs nothing: every setting has a default or may be absent', () => {
    const config = loadConfig({});
    assert.equal(config.STEADFILL_PROFILE, 'demo');
    assert.equal(config.STEADFILL_API_PORT, 8080);
    assert.equal(config.OTEL_EXPORTER_OTLP_ENDPOINT, undefined);
  });

  it('counts an empty value as absent', () => {
    assert.equal(
      loadConfig({ STEADFILL_API_PORT: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' }).STEADFILL_API_PORT,
      8080,
    );
  });

  it('lists all faults, with the name of each setting', () => {
    const env = {
      STEADFILL_PROFILE: 'staging',
      STEADFILL_API_PORT: '70000',
      STEADFILL_DEPLOYMENT_NAME: 'a.b',
      STEADFILL_METRICS_ADDRESS: '9464',
    };
    assert.throws(
      () => loadConfig(env),
      (fault: unknown) => {
        assert.ok(fault instanceof ConfigError);
        assert.equal(fault.faults.length, 4);
        for (const name of Object.keys(env))
          assert.ok(fault.message.includes(name), `${name} in ${fault.message}`);
        return true;
      },
    );
  });

  it('makes the home folder absolute and knows ~', () => {
    assert.ok(isAbsolute(loadConfig({ STEADFILL_HOME: 'data' }).STEADFILL_HOME));
    const home = loadConfig({ STEADFILL_HOME: '~/data' }).STEADFILL_HOME;
    assert.ok(isAbsolute(home) && !home.includes('~'));
  });

  it('describes every setting, for docs/configuration.md', () => {
    const bare = Object.entries(configSchema.shape).filter(
      ([, setting]) => setting.description === undefined,
    );
    assert.deepEqual(
      bare.map(([name]) => name),
      [],
    );
  });

  it('has no secret among its defaults', () => {
    const values = Object.values(loadConfig({})).map(String);
    assert.deepEqual(
      values.filter((value) => /:\/\/[^/]*:[^/]*@/.test(value)),
      [],
    );
  });
});
