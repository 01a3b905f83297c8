/**
 * An update validator runs without `await`: what an async one throws is lost and the update is accepted. The rule
 * reports every `validator` of an object literal that is async or whose type says that it returns a promise.
 */
export const noAsyncValidator = {
  meta: {
    type: 'problem',
    docs: { description: 'Update validators must be synchronous.' },
    messages: { asyncValidator: 'Temporal does not await update validators: make this one synchronous.' },
    schema: [],
  },
  create(context) {
    return {
      'ObjectExpression > Property[key.name="validator"]'(node) {
        if (isAsyncFunction(node.value) || returnsPromise(context.sourceCode.parserServices, node.value)) {
          context.report({ node: node.value, messageId: 'asyncValidator' });
        }
      },
    };
  },
};

function isAsyncFunction(node) {
  return (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression') && node.async;
}

function returnsPromise(services, node) {
  if (!services?.program) return false;
  const signatures = services.getTypeAtLocation(node).getCallSignatures();
  return signatures.some((signature) => signature.getReturnType().getProperty('then') !== undefined);
}
