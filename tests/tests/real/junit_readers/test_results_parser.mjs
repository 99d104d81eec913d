// Prints what test-results-parser reads in a file, as JSON.
import parser from 'test-results-parser'

console.log(JSON.stringify(parser.parse({ type: 'junit', files: [process.argv[1]] })))
