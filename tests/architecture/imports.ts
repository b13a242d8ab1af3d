// What a file needs from elsewhere, in every way TypeScript has to say it.
import type { Node } from 'oxc-parser'
import type { SourceFile } from './project-files.ts'

/** The names as written: of imports, re-exports, `import()`, types by `import('…')`, and scripts of workers. */
export function importsOf(file: SourceFile): readonly string[] {
  return file.nodes.map(imported).filter((name) => name !== undefined)
}

function imported(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return textOf(node.source)
    case 'NewExpression': {
      const [path, from] = node.arguments
      const isUrl = node.callee.type === 'Identifier' && node.callee.name === 'URL'
      return isUrl && from?.type === 'MemberExpression' && from.object.type === 'MetaProperty'
        ? textOf(path)
        : undefined
    }
    default:
      return undefined
  }
}

function textOf(node: Node | null | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined
}
