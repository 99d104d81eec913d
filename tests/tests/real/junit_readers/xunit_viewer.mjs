// Prints what xunit-viewer reads in a file, as JSON.
import fs from 'node:fs'
import describe from 'xunit-viewer/src/cli/get-description.js'
import parse from 'xunit-viewer/src/cli/parse.js'

const read = await parse(fs.readFileSync(process.argv[1], 'utf8'))
const suites = Object.values(read.suites)
console.log(JSON.stringify({
  description: describe(read),
  suites: suites.map(suite => ({ ...suite, tests: Object.values(suite.tests) }))
}))
