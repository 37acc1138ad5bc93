package record

// CWEName returns the official name of a weakness of CWE 4.x, "" for one that is not
// in this table: then the name has to be typed. The table holds what open-source
// advisories use most; the whole catalogue comes with the validator.
func CWEName(id string) string {
	switch id {
	case "CWE-20":
		return "Improper Input Validation"
	case "CWE-22":
		return "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')"
	case "CWE-59":
		return "Improper Link Resolution Before File Access ('Link Following')"
	case "CWE-74":
		return "Improper Neutralization of Special Elements in Output Used by a Downstream Component ('Injection')"
	case "CWE-77":
		return "Improper Neutralization of Special Elements used in a Command ('Command Injection')"
	case "CWE-78":
		return "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')"
	case "CWE-79":
		return "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"
	case "CWE-89":
		return "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')"
	case "CWE-94":
		return "Improper Control of Generation of Code ('Code Injection')"
	case "CWE-119":
		return "Improper Restriction of Operations within the Bounds of a Memory Buffer"
	case "CWE-120":
		return "Buffer Copy without Checking Size of Input ('Classic Buffer Overflow')"
	case "CWE-121":
		return "Stack-based Buffer Overflow"
	case "CWE-122":
		return "Heap-based Buffer Overflow"
	case "CWE-125":
		return "Out-of-bounds Read"
	case "CWE-190":
		return "Integer Overflow or Wraparound"
	case "CWE-191":
		return "Integer Underflow (Wrap or Wraparound)"
	case "CWE-200":
		return "Exposure of Sensitive Information to an Unauthorized Actor"
	case "CWE-269":
		return "Improper Privilege Management"
	case "CWE-276":
		return "Incorrect Default Permissions"
	case "CWE-284":
		return "Improper Access Control"
	case "CWE-287":
		return "Improper Authentication"
	case "CWE-295":
		return "Improper Certificate Validation"
	case "CWE-306":
		return "Missing Authentication for Critical Function"
	case "CWE-327":
		return "Use of a Broken or Risky Cryptographic Algorithm"
	case "CWE-347":
		return "Improper Verification of Cryptographic Signature"
	case "CWE-352":
		return "Cross-Site Request Forgery (CSRF)"
	case "CWE-362":
		return "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')"
	case "CWE-367":
		return "Time-of-check Time-of-use (TOCTOU) Race Condition"
	case "CWE-400":
		return "Uncontrolled Resource Consumption"
	case "CWE-401":
		return "Missing Release of Memory after Effective Lifetime"
	case "CWE-415":
		return "Double Free"
	case "CWE-416":
		return "Use After Free"
	case "CWE-434":
		return "Unrestricted Upload of File with Dangerous Type"
	case "CWE-444":
		return "Inconsistent Interpretation of HTTP Requests ('HTTP Request/Response Smuggling')"
	case "CWE-476":
		return "NULL Pointer Dereference"
	case "CWE-502":
		return "Deserialization of Untrusted Data"
	case "CWE-522":
		return "Insufficiently Protected Credentials"
	case "CWE-601":
		return "URL Redirection to Untrusted Site ('Open Redirect')"
	case "CWE-611":
		return "Improper Restriction of XML External Entity Reference"
	case "CWE-617":
		return "Reachable Assertion"
	case "CWE-639":
		return "Authorization Bypass Through User-Controlled Key"
	case "CWE-667":
		return "Improper Locking"
	case "CWE-674":
		return "Uncontrolled Recursion"
	case "CWE-693":
		return "Protection Mechanism Failure"
	case "CWE-732":
		return "Incorrect Permission Assignment for Critical Resource"
	case "CWE-770":
		return "Allocation of Resources Without Limits or Throttling"
	case "CWE-787":
		return "Out-of-bounds Write"
	case "CWE-798":
		return "Use of Hard-coded Credentials"
	case "CWE-835":
		return "Loop with Unreachable Exit Condition ('Infinite Loop')"
	case "CWE-843":
		return "Access of Resource Using Incompatible Type ('Type Confusion')"
	case "CWE-862":
		return "Missing Authorization"
	case "CWE-863":
		return "Incorrect Authorization"
	case "CWE-908":
		return "Use of Uninitialized Resource"
	case "CWE-918":
		return "Server-Side Request Forgery (SSRF)"
	case "CWE-1321":
		return "Improperly Controlled Modification of Object Prototype Attributes ('Prototype Pollution')"
	case "CWE-1333":
		return "Inefficient Regular Expression Complexity"
	}
	return ""
}
