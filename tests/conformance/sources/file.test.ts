import { fileForms, folderOf } from '../verdict/local-ways.ts'
import { describeSource } from './suite.ts'

for (const [extension, encode] of Object.entries(fileForms)) {
  describeSource(`files .${extension}`, () => folderOf(extension, encode))
}
