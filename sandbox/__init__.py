"""A demo EHR for trying the CDS service: synthetic charts, a FHIR server, and a CDS client.

It speaks HTTP only and imports no package of the service, as a real EHR would.
"""
