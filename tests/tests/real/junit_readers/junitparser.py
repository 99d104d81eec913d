"""Prints what junitparser reads in a file, as JSON."""
import json
import sys

from junitparser.xunit2 import JUnitXml


def attempts(found):
    return [[one.type, one.message, one.text, one.stack_trace] for one in found]


def case(one):
    return {
        "name": one.name,
        "classname": one.classname,
        "time": one.time,
        "result": [[type(got).__name__, got.type, got.message, got.text] for got in one.result],
        "out": one.system_out,
        "flaky_failures": attempts(one.flaky_failures()),
        "flaky_errors": attempts(one.flaky_errors()),
        "rerun_failures": attempts(one.rerun_failures()),
        "rerun_errors": attempts(one.rerun_errors()),
    }


def suite(one):
    return {
        "name": one.name,
        "totals": [one.tests, one.failures, one.errors, one.skipped],
        "time": one.time,
        "hostname": one.hostname,
        "timestamp": one.timestamp,
        "properties": {found.name: found.value for found in one.properties()},
        "cases": [case(found) for found in one],
    }


read = JUnitXml.fromfile(sys.argv[1])
counted = JUnitXml.fromfile(sys.argv[1])
counted.update_statistics()
print(json.dumps({
    "name": read.name,
    "totals": [read.tests, read.failures, read.errors],
    "counted": [counted.tests, counted.failures, counted.errors],
    "time": read.time,
    "suites": [suite(found) for found in read],
}))
