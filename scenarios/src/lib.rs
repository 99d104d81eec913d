//! The scenario language: types, parser, linter, schema and plan
