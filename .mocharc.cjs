module.exports = {
  require: ['tsx'],
  extension: ['ts'],
  forbidOnly: true,
  timeout: 30_000,
  slow: 2_000,
};
