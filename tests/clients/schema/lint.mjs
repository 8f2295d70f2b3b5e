// What a published linter says of a schema: all rules of @graphql-eslint for schemas and for Relay.
import plugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";
import { Kind, isSpecifiedDirective, parse } from "graphql";

const { configs, parser } = plugin;

/** Everything is described, down to arguments and values of enums. */
const described = {
  types: true,
  DirectiveDefinition: true,
  FieldDefinition: true,
  InputValueDefinition: true,
  EnumValueDefinition: true,
  ignoredSelectors: [
    // async-graphql makes these types, without a description; the fields that lead to them have one.
    "[type=ObjectTypeDefinition][name.value=/Connection$/]",
    // The one argument of @listSize and of @cost is what the directive's description is about.
    "[kind=InputValueDefinition][name.value=assumedSize]",
    "[kind=InputValueDefinition][name.value=weight]",
  ],
};

const rules = {
  ...configs["flat/schema-all"].rules,
  ...configs["flat/schema-relay"].rules,
  "@graphql-eslint/require-description": ["error", described],
  // The log of events is read forwards only.
  "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
  // What a rule bounds is a plain list; what can grow is a connection. Which ones list Nodes is a test of its own.
  "@graphql-eslint/relay-edge-types": [
    "error",
    { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
  ],
  // The program prints the schema sorted, and a test compares it byte by byte.
  "@graphql-eslint/alphabetize": "off",
  // Forbids mutations and subscriptions altogether.
  "@graphql-eslint/no-root-type": "off",
  // Values such as Money, payloads and edges have no identity; what clients cache implements Node.
  "@graphql-eslint/strict-id-in-types": "off",
  // A payload is always there: a refusal is in its `userErrors`.
  "@graphql-eslint/require-nullable-result-in-root": "off",
  // A payload has what was changed. Reading more than that is a query, which has a cost of its own.
  "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
};

/** Blanks out the definitions of directives that are GraphQL's own: their words are not ours. */
function withoutSpecifiedDirectives(sdl) {
  const foreign = parse(sdl).definitions.filter(
    (definition) =>
      definition.kind === Kind.DIRECTIVE_DEFINITION && isSpecifiedDirective({ name: definition.name.value }),
  );
  return foreign.reduce((text, { loc: { start, end } }) => {
    const blank = text.slice(start, end).replaceAll(/\S/g, " ");
    return text.slice(0, start) + blank + text.slice(end);
  }, sdl);
}

/** Answers what is wrong with a schema, a line each. */
export async function lint(sdl) {
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: {
      files: ["**/*.graphql"],
      plugins: { "@graphql-eslint": plugin },
      languageOptions: { parser, parserOptions: { schemaSdl: sdl } },
      rules,
    },
  });
  const [{ messages }] = await eslint.lintText(withoutSpecifiedDirectives(sdl), { filePath: "schema.graphql" });
  return messages.map(({ line, ruleId, message }) => `${line}: ${ruleId}: ${message}`);
}
