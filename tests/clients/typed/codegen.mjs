const client = {
  preset: "client",
  presetConfig: { fragmentMasking: false },
  config: {
    documentMode: "string",
    useTypeImports: true,
    strictScalars: true,
    scalars: {
      CountryCode: "string",
      CurrencyCode: "string",
      Date: "string",
      DateTime: "string",
      Decimal: "string",
      Locale: "string",
      JSON: "unknown",
      TimeOfDay: "string",
      TimeZone: "string",
    },
    // An answer has every field that was asked for; an input may leave out what can be null.
    avoidOptionals: { field: true, inputValue: false, object: false, defaultValue: false },
    // An enum may grow: its type has a member more, so that nothing is exhaustive without a default branch.
    enumsAsTypes: true,
    futureProofEnums: true,
  },
};

export default {
  schema: "../../../schema.graphql",
  emitLegacyCommonJSImports: false,
  generates: {
    "__generated__/": { ...client, documents: "buyer.ts" },
    // The page that the binary serves at /demo.
    "../../../assets/demo/__generated__/": { ...client, documents: "../../../assets/demo/src/*.graphql" },
  },
};
