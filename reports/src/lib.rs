//! From the event log to JUnit, HTML and the console summary
