/**
 * A lint rule: no promise is kept in a variable or a field. Where something else is awaited before it, its failure is nobody's, and ends
 * the process whatever is caught around it. Await it where it is made, hand it to Promise.all there, or keep a function that makes it.
 */
export const keptPromises = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      kept: "Await this promise where it is made, hand it to Promise.all or Promise.allSettled there, or keep a function that makes it.",
    },
  },
  create(context) {
    const { getTypeAtLocation, program } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();

    const isThenable = (type) => type.getProperty("then") !== undefined;

    /** Whether it is a promise, or a list of them; for one of several types, whether any of these is. */
    function isKept(type) {
      if (type.isUnion()) return type.types.some(isKept);
      if (isThenable(type)) return true;
      const item = checker.isArrayLikeType(type) ? type.getNumberIndexType() : undefined;
      return item !== undefined && isKept(item);
    }

    /** Looks at what a variable or a field is given. */
    function check(node, value) {
      if (value !== null && isKept(getTypeAtLocation(value))) context.report({ node, messageId: "kept" });
    }

    return {
      VariableDeclarator: (node) => check(node, node.init),
      PropertyDefinition: (node) => check(node, node.value),
      // In a pattern a property's value is a variable, which gets nothing from here.
      "ObjectExpression > Property": (node) => check(node, node.value),
      'AssignmentExpression[operator="="]': (node) => check(node, node.right),
    };
  },
};
