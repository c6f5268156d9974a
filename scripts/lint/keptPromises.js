/**
 * A lint rule: no promise is kept in a variable. Where something else is awaited before it, its failure is nobody's, and ends the process
 * whatever is caught around it. Await it where it is made, or hand it to Promise.all there.
 */
export const keptPromises = {
  meta: {
    type: "problem",
    schema: [],
    messages: { kept: "Await this promise where it is made, or hand it to Promise.all or Promise.allSettled there." },
  },
  create(context) {
    const { getTypeAtLocation, program } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();

    const isThenable = (type) => type.getProperty("then") !== undefined;

    /** Whether it is a promise, or a list of them. */
    function isKept(type) {
      if (isThenable(type)) return true;
      const item = checker.isArrayLikeType(type) ? type.getNumberIndexType() : undefined;
      return item !== undefined && isThenable(item);
    }

    return {
      VariableDeclarator(node) {
        if (node.init !== null && isKept(getTypeAtLocation(node.init))) context.report({ node, messageId: "kept" });
      },
    };
  },
};
