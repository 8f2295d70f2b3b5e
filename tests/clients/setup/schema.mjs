import { readFile } from "node:fs/promises";
import { buildSchema, introspectionFromSchema, isAbstractType, isObjectType } from "graphql";

/** What normalised caches want to know of `schema.graphql`. Run it when you build, and bundle what it says. */
export async function readSchema(path) {
  const schema = buildSchema(await readFile(path, "utf8"));
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const namesOf = (types) => types.map(({ name }) => name);
  return {
    introspection: introspectionFromSchema(schema, { descriptions: false }),
    possibleTypes: Object.fromEntries(
      types.filter(isAbstractType).map((type) => [type.name, namesOf(schema.getPossibleTypes(type))]),
    ),
    /** Values, which live inside of what has an id. */
    typesWithoutId: namesOf(types.filter((type) => isObjectType(type) && !type.getFields().id)),
  };
}
