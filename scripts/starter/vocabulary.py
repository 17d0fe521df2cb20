"""The words that generated interviews are about. Each list is one slot of the sentence frames."""

FIRST_NAMES = """ Adam Ahmed Aisha Alan Alice Amara Amir Amy Andrea Andrew Angela Anita Anna
Arthur Barbara Ben Boris Brenda Brian Bruno Carla Carlos Carmen Caroline Catherine Charles Chen
Chloe Claire Clara Daniel David Deborah Diana Diego Dmitri Edward Elena Elizabeth Emily Emma Eric
Esther Eva Farah Fatima Felix Fiona Frank Gabriel George Grace Greta Hannah Harold Hassan Helen
Henry Hiroshi Hugo Ibrahim Ingrid Irene Isaac Isabel Ivan Jack Jacob James Jane Janet Jason Javier
Jennifer Jessica Joanna John Jonathan Jorge Joseph Joshua Juan Judith Julia Karen Karim Karl Kate
Kenji Kevin Kim Kumar Laura Leila Leo Liam Lily Linda Lisa Louis Lucas Lucy Luis Magda Marco
Margaret Maria Mark Marta Martin Mary Matthew Maya Mei Michael Miguel Mohammed Monica Nadia Naomi
Natalie Nathan Nicole Nina Noah Nora Oliver Olga Omar Oscar Patricia Patrick Paul Paula Pedro
Peter Philip Priya Rachel Rafael Raj Rebecca Richard Robert Rosa Ruth Ryan Sally Sam Samira Samuel
Sandra Sara Sarah Sebastian Simon Sofia Sonia Sophie Stella Stephen Steven Susan Tamara Teresa
Thomas Tim Tom Tony Vera Victor Vincent Walter Wei William Yasmin Yuki Yusuf Zoe
""".split()

LAST_NAMES = """
Adams Allen Anderson Bailey Baker Barnes Bell Bennett Brooks Brown Campbell Carter Chen Clark
Collins Cook Cooper Cox Davis Diaz Edwards Evans Fisher Foster Garcia Gomez Gray Green Gupta Hall
Harris Hill Howard Hughes Jackson Jenkins Johnson Jones Kelly Khan King Kowalski Kumar Lee Lewis
Long Lopez Martinez Mason Miller Mitchell Moore Morgan Morris Murphy Nelson Nguyen Novak Okafor
Parker Patel Perez Perry Peterson Phillips Powell Price Ramirez Reed Reyes Richardson Rivera
Roberts Robinson Rogers Ross Russell Sanchez Sanders Santos Schmidt Scott Shah Silva Simmons Singh
Smith Stewart Suzuki Tanaka Taylor Thompson Torres Turner Walker Ward Watson White Williams Wilson
Wood Wright Young
""".split()

CITIES = """
Amsterdam Athens Atlanta Bangkok Barcelona Belfast Berlin Boston Brussels Budapest Cairo Chicago
Copenhagen Dallas Delhi Denver Dublin Edinburgh Frankfurt Geneva Glasgow Hamburg Helsinki Houston
Istanbul Jakarta Karachi Lagos Leeds Lisbon Liverpool London Madrid Manchester Melbourne Miami
Milan Montreal Moscow Mumbai Munich Nairobi Oslo Ottawa Oxford Paris Philadelphia Phoenix Portland
Prague Rome Rotterdam Seattle Seoul Singapore Stockholm Sydney Tokyo Toronto Vancouver Vienna
Warsaw Zurich
""".split()

COUNTRIES = """
Argentina Australia Austria Belgium Brazil Canada Chile China Colombia Croatia Denmark Egypt
England Ethiopia Finland France Germany Ghana Greece Hungary Iceland India Indonesia Ireland
Israel Italy Japan Kenya Korea Malaysia Mexico Morocco Nepal Nigeria Norway Pakistan Peru Poland
Portugal Romania Russia Scotland Spain Sweden Switzerland Thailand Tunisia Turkey Ukraine Vietnam
Wales
""".split()

LANGUAGES = """
Arabic Bengali Chinese Dutch English French German Greek Hindi Hungarian Italian Japanese Korean
Mandarin Polish Portuguese Punjabi Romanian Russian Spanish Swedish Thai Turkish Ukrainian Urdu
Vietnamese
""".split()

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February April June July August September October November December".split()

PROPER_NOUNS = frozenset(
    word.lower()
    for words in (FIRST_NAMES, CITIES, COUNTRIES, LANGUAGES, DAYS, MONTHS)
    for word in words
    if word not in ("Mark", "Frank", "Grace", "Jack", "Tony", "Polish", "Turkey", "Rosa", "Dallas")
) | frozenset("america american british european african asian york california texas".split())
