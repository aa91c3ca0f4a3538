"""Price lists of the providers, read into sheets: `infragod prices import aws|gcp|azure`."""
