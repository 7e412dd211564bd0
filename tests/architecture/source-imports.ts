import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";

export interface Import {
  /** The importing file, from the project's root: `app/routes/_index.tsx`. */
  from: string;
  /** The specifier between the quotes. */
  specifier: string;
  /** The file it resolves to, from the project's root, or the name of a package (`node:fs`, `@remix-run/node`). */
  target: string;
  /** Erased at run time. `import { type X }` is not: with verbatimModuleSyntax the import itself stays. */
  typeOnly: boolean;
}

export const root = path.resolve(fileURLToPath(import.meta.url), "../../..");

const aliases: Record<string, string> = {
  "~/": "app/",
  "@db/": "db/",
  "@domain/": "domain/",
  "@inngest/": "inngest/",
  "@tests/": "tests/",
};

/** Source files of a folder, from the project's root. */
export function sourceFiles(folder: string): string[] {
  const absolute = path.join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(tsx?|mjs)$/.test(file))
    .map((file) => path.posix.join(folder, file.split(path.sep).join("/")))
    .sort();
}

/** Every static import, re-export and dynamic import of a file. */
export function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
  );
  const imports: Import[] = [];
  const add = (specifier: string, typeOnly: boolean) =>
    imports.push({ from: file, specifier, target: resolve(file, specifier), typeOnly });
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node.moduleSpecifier.text, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) add(argument.text, false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node.argument.literal.text, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

/** The names that a file declares and exports itself, without re-exports and its default. */
export function exportedNames(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
  );
  const exported = source.statements.filter(
    (one) =>
      ts.canHaveModifiers(one) &&
      ts.getModifiers(one)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true &&
      !ts.getModifiers(one)!.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword),
  );
  const names = exported.flatMap((one) => {
    if (ts.isVariableStatement(one))
      return one.declarationList.declarations.flatMap(({ name }) => bound(name));
    return "name" in one && one.name !== undefined ? [(one.name as ts.Identifier).text] : [];
  });
  // Overloads, and a type that shares its value's name, count once.
  return [...new Set(names)];
}

function bound(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((one) => (ts.isOmittedExpression(one) ? [] : bound(one.name)));
}

function resolve(from: string, specifier: string): string {
  const alias = Object.keys(aliases).find((prefix) => specifier.startsWith(prefix));
  if (alias !== undefined) return fileOf(aliases[alias]! + specifier.slice(alias.length));
  if (specifier.startsWith(".")) return fileOf(path.posix.join(path.posix.dirname(from), specifier));
  if (specifier.startsWith("node:")) return specifier;
  // Returns the package of "@scope/name/sub" or "name/sub".
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function fileOf(stem: string): string {
  const candidates = [
    stem,
    `${stem}.ts`,
    `${stem}.tsx`,
    `${stem}.mjs`,
    `${stem}/index.ts`,
    `${stem}/index.tsx`,
  ];
  const isFile = (file: string) =>
    statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile() === true;
  return candidates.find(isFile) ?? stem;
}

export const isServerOnly = (file: string): boolean => /\.server(\.tsx?)?$/.test(file);

/** A route without a default export has no page: its module is empty in the browser. */
export function isResourceRoute(file: string): boolean {
  return (
    file.startsWith("app/routes/") &&
    !/\bexport\s+default\b|\bas\s+default\b/.test(readFileSync(path.join(root, file), "utf8"))
  );
}
