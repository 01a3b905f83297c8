const ARITHMETIC = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  '**',
  '<',
  '>',
  '<=',
  '>=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
]);
const NUMBER_MAKERS = new Set(['Number', 'parseInt', 'BigInt']);

/**
 * A price, quantity or amount is a branded decimal string. JavaScript compares two of them as text ("9" > "10"),
 * joins them with `+`, and rounds them when they become a number; the compiler accepts all three. The rule reports
 * operators and number conversions on values whose type carries the Decimal brand.
 */
export const noDecimalArithmetic = {
  meta: {
    type: 'problem',
    docs: { description: 'Money, prices and quantities are computed with domain/money only.' },
    messages: {
      operator: "'{{operator}}' does not work on decimals: use the functions of domain/money/decimal.",
      conversion: 'A decimal must not become a number: use the functions of domain/money/decimal.',
    },
    schema: [],
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    if (!services?.program) return {};
    const isDecimal = (node) => carriesBrand(services.getTypeAtLocation(node));
    const checkOperands = (node) => {
      if (!ARITHMETIC.has(node.operator)) return;
      if (!isDecimal(node.left) && !isDecimal(node.right)) return;
      context.report({ node, messageId: 'operator', data: { operator: node.operator } });
    };
    return {
      BinaryExpression: checkOperands,
      AssignmentExpression: checkOperands,
      UnaryExpression(node) {
        if ((node.operator === '+' || node.operator === '-') && isDecimal(node.argument)) {
          context.report({ node, messageId: 'conversion' });
        }
      },
      'CallExpression[callee.type="Identifier"]'(node) {
        const [argument] = node.arguments;
        if (!NUMBER_MAKERS.has(node.callee.name) || argument === undefined) return;
        if (isDecimal(argument)) context.report({ node, messageId: 'conversion' });
      },
    };
  },
};

function carriesBrand(type) {
  if (type.isUnion()) return type.types.some(carriesBrand);
  const brand = type.getProperty('__brand');
  if (brand === undefined) return false;
  const declaration = brand.valueDeclaration?.getText() ?? '';
  return declaration.includes("'Decimal'");
}
