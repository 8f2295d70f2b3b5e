import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { Kind, parse } from "graphql";
import { useEffect } from "react";

/**
 * Reads the operations of a tab as soon as it is opened. GraphiQL itself does so a moment later, and whoever runs the tab
 * before would send the name of the last tab's operation.
 */
export function OperationsOfTab() {
  const { activeTabIndex, tabs } = useGraphiQL(pick("activeTabIndex", "tabs"));
  const { setOperationFacts } = useGraphiQLActions();
  const { id, query, operationName } = tabs[activeTabIndex];
  useEffect(() => {
    const documentAST = parsed(query);
    const operations = documentAST?.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION) ?? [];
    const names = operations.map(({ name }) => name?.value);
    const name = names.includes(operationName) ? operationName : names[0];
    setOperationFacts({ documentAST, operationName: name, operations });
  }, [id]);
  return null;
}

/** Nothing, if it is empty or not finished yet. */
function parsed(query) {
  try {
    return parse(query ?? "");
  } catch {
    return undefined;
  }
}
